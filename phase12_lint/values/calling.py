"""What a call gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import (
    container_methods,
    containers,
    enumerations,
    externals,
    folding,
    frameworks,
    hooks,
    models,
    parameters,
    partials,
    plugin_sources,
    records,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    NONE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Getter,
    Instance,
    Method,
    Partial,
    Site,
    Sourced,
    Text,
    Typed,
    TypeExpression,
    Value,
)
from phase12_lint.values.attributes import method_of, of_atom
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.import_machinery import looked_up

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def call(program: Program, node: ast.Call, scope: Scope, frame: Frame | None) -> Value:
    """What the call ``node`` gives."""
    callee = program.evaluate(node.func, scope, frame)
    shape = shape_of(node, scope, frame)
    value = program.join(apply(program, atom, node, scope, frame, shape) for atom in callee)
    if value == ANYTHING:
        value = hooks.given(program, node) or value
    value = program.told_apart(value, node, scope)
    return plugin_sources.with_source(program, node, callee, value, scope, frame)


def apply(
    program: Program, atom: Atom, site: ast.AST, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    """What calling ``atom`` at ``site`` with the arguments ``shape`` gives."""
    value = _apply(program, atom, site, scope, frame, shape)
    if isinstance(atom, (Function, External, Method)):
        return plugin_sources.with_what_is_handed(program, site, atom, value)
    return value


def _apply(
    program: Program, atom: Atom, site: ast.AST, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    if isinstance(atom, Function):
        called = parameters.frame_for(program, atom, site, shape, frame)
        return parameters.result(program, atom, called)
    if isinstance(atom, ClassRef):
        member = enumerations.by_value(program, atom.cls, shape)
        return member or _construct(program, atom, site, scope, frame)
    if isinstance(atom, External):
        given = externals.apply(program, atom.name, site, scope, frame, shape)
        owner, _, name = atom.name.rpartition(".")
        return given if given != ANYTHING or not owner else _of_unseen(program, External(owner), name, shape)
    if isinstance(atom, Method):
        return _method(program, atom, Site.of(site, scope, frame), shape)
    if isinstance(atom, Partial):
        return program.join(
            apply(program, each, site, scope, frame, shape.after(first))
            for each, first in partials.behind(program, atom)
        )
    if isinstance(atom, Instance):
        method = method_of(program, atom, "__call__")
        return apply(program, method, site, scope, frame, shape) if method is not None else ANYTHING
    if isinstance(atom, Typed):
        return atom.result
    if isinstance(atom, Getter):
        return _getter(program, atom, shape)
    if isinstance(atom, Sourced) and atom.role == "plugin class":
        return frozenset({Sourced(atom.node, atom.named)})
    if isinstance(atom, TypeExpression):
        return ANYTHING
    return NOTHING if atom is NONE else ANYTHING


def _construct(program: Program, atom: ClassRef, site: ast.AST, scope: Scope, frame: Frame | None) -> Value:
    if isinstance(atom.cls, str):
        return frozenset({Instance(atom.cls, Site.of(site, scope, frame))})
    if atom.cls.is_enum(program):
        return frozenset({Instance(atom.cls)})
    made = frozenset({Instance(atom.cls, Site.of(site, scope, frame), atom.arguments)})
    new = method_of(program, atom, "__new__")
    if new is None:
        return made
    given = parameters.result(program, Function(new.scope, ClassRef(atom.cls)), None)
    others = frozenset(a for a in given if isinstance(a, Instance) and a.cls is not atom.cls)
    return made | others


def _method(program: Program, atom: Method, site: Site, shape: Shape) -> Value:
    owner = atom.owner
    if atom.name == "__subclasses__" and isinstance(owner, ClassRef):
        return frozenset({Container("list", None, (frozenset({owner}),))})
    if isinstance(owner, (Instance, ClassRef)) and records.is_method(program, owner, atom.name):
        return records.method(program, owner, atom.name, site)
    if isinstance(owner, Container):
        return container_methods.method(program, owner, atom.name, shape)
    if isinstance(owner, Method) and atom.name in ("get", "pop", "__getitem__", "setdefault"):
        return _of_namespace(program, owner, shape)
    if isinstance(owner, Text):
        if atom.name == "join" and shape.positional:
            return _joined(program, owner.text, shape)
        return folding.method(program, owner.text, atom.name, [program.argument(a) for a in shape.positional])
    if isinstance(owner, Instance) and isinstance(owner.cls, str):
        made = models.MADE_BY_METHODS.get(f"{owner.cls}.{atom.name}")
        if made is not None:
            return frozenset({Instance(made, site)})
        given = externals.method(program, owner, atom.name, shape)
        return given if given != ANYTHING else _of_unseen(program, owner, atom.name, shape)
    return _of_unseen(program, owner, atom.name, shape)


def _of_unseen(program: Program, owner: Atom, name: str, shape: Shape) -> Value:
    """What a method of something that belongs to a library gives, if that is a container."""
    if name not in container_methods.TAKING:
        return ANYTHING
    keys = folding.strings(program.argument(shape.positional[0])) if shape.positional else []
    if isinstance(owner, External) and owner.name in frameworks.NAMESPACES and keys:
        return program.kept(owner, keys[0]) or ANYTHING
    container = program.container_of(owner, keys[0] if len(keys) == 1 else None)
    return container_methods.method(program, container, name, shape) if container is not None else ANYTHING


def _of_namespace(program: Program, namespace: Method, shape: Shape) -> Value:
    """``vars(x).get("name")``."""
    names = folding.strings(program.argument(shape.positional[0])) if shape.positional else []
    where = shape.where
    found = (looked_up(program, namespace, name, where) for name in names if where is not None)
    return program.join(value for value in found if value is not None) or ANYTHING


def _joined(program: Program, separator: str, shape: Shape) -> Value:
    """``"".join(("r", "un"))`` over a display of known strings."""
    node = shape.positional[0].node
    if not isinstance(node, (ast.Tuple, ast.List)):
        return ANYTHING
    scope, frame = shape.positional[0].scope, shape.positional[0].frame
    parts = [folding.strings(program.evaluate(item, scope, frame)) for item in node.elts]
    if any(len(part) != 1 for part in parts):
        return ANYTHING
    return frozenset({Text(separator.join(part[0] for part in parts))})


def _getter(program: Program, atom: Getter, shape: Shape) -> Value:
    """``attrgetter("plugin")(job)``, ``itemgetter(1)(pair)``; what ``methodcaller`` gives is left open."""
    call_node, scope, frame = atom.site.node, atom.site.scope, atom.site.frame
    assert isinstance(call_node, ast.Call)
    function = program.evaluate(call_node.func, scope, frame)
    if not shape.positional:
        return ANYTHING
    value = program.argument(shape.positional[0])
    if External("operator.itemgetter") in function:
        taken = [containers.item(program, value, index, scope, frame) for index in call_node.args]
    elif External("operator.attrgetter") in function:
        taken = [_attribute_of(program, value, name, scope, frame) for name in call_node.args]
    else:
        return ANYTHING
    return taken[0] if len(taken) == 1 else frozenset({Container("tuple", None, tuple(taken), True)})


def _attribute_of(program: Program, value: Value, name: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    names = folding.strings(program.evaluate(name, scope, frame))
    for part in names[0].split(".") if names else ():
        value = program.join(of_atom(program, each, part) for each in value)
    return value if names else ANYTHING
