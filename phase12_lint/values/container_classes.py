"""Classes of the program below ``dict``, ``list`` and the like: their instances are containers.

What a constructor is given is in the instance that it makes alone. What is put into ``self``, or into an instance
wherever it has come to, is taken to be in all of them.
"""

from __future__ import annotations

import ast
from collections import UserDict, deque
from queue import Queue
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import (
    NOTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Method,
    Site,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape, shape_of

if TYPE_CHECKING:
    from phase12_lint.syntax.scopes import Scope
    from phase12_lint.values.program import Program


_ABSTRACT = {"Mapping", "MutableMapping", "Sequence", "MutableSequence"}
_BY_KEY = {"builtins.dict.__getitem__", "builtins.dict.get"}
_GETTING = {"get", "pop", "setdefault"}


class Base(NamedTuple):
    """The container ``declared`` that ``cls`` has as a base of this ``name``; ``is_said`` if what is in it is, too."""

    cls: ClassInfo
    name: str
    declared: Container
    is_said: bool


def base_of(program: Program, cls: ClassInfo) -> Base | None:
    """The container that ``cls`` is below."""
    for ancestor in cls.ancestors(program):
        if isinstance(ancestor, ClassInfo) and ancestor.scope.parent is not None:
            for base in ancestor.node.bases:
                declared = program.annotated(base, ancestor.scope.parent)
                found = next((each for each in declared if isinstance(each, Container)), None)
                if found is not None:
                    is_said = isinstance(base, ast.Subscript)
                    name = last_name(base.value if isinstance(base, ast.Subscript) else base) or ""
                    return Base(ancestor, name, found, is_said)
    return None


def held_by(program: Program, atom: Atom) -> Container | None:
    """The container that an instance of such a class is."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo):
        return None
    base = base_of(program, atom.cls)
    if base is None or base.is_said:
        return base.declared if base is not None else None
    if atom.site is not None and isinstance(atom.site.node, ast.Call):
        return Container(base.declared.kind, atom.site)
    return Container(base.declared.kind, Site(base.cls.node, base.cls.scope, None))


def has(name: str) -> bool:
    """Whether containers of Python have an attribute ``name`` of their own."""
    return any(hasattr(kind, name) for kind in (dict, list, set, tuple, deque, UserDict, Queue))


def inherited(program: Program, atom: Atom, name: str) -> Value:
    """The attribute ``name`` of a container that an instance has as its base's; nothing if it has no such base."""
    held = held_by(program, atom)
    if held is None:
        return NOTHING
    if name == "data":
        return frozenset({held})
    if _has_keys_as_attributes(program, atom) and not has(name):
        return program.element(held, ("key", name))
    getter = _getter(program, atom)
    if getter is None:
        return frozenset({Method(held, name)})
    if name in _GETTING:
        empty = Container(held.kind, None, (NOTHING, NOTHING))  # gives the default that the call may name
        return frozenset({getter, Method(empty, name)})
    values = program.apply(getter, getter.scope.node, getter.scope, None, Shape((), ()))
    items = (program.iterate(frozenset({atom})), values) if held.kind == "dict" else (values,)
    return frozenset({Method(Container(held.kind, None, items), name)})


def _has_keys_as_attributes(program: Program, atom: Atom) -> bool:
    """Whether the class of ``atom`` says ``__getattr__ = dict.__getitem__``."""
    line = (
        atom.cls.ancestors(program) if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo) else ()
    )
    stored = (
        (getattr(definition, "value", None), cls.scope)
        for cls in line
        if isinstance(cls, ClassInfo)
        for definition in cls.members("__getattr__")
    )
    return any(
        isinstance(atom, External) and atom.name in _BY_KEY
        for value, scope in stored
        if isinstance(value, ast.expr)
        for atom in program.evaluate(value, scope)
    )


def _getter(program: Program, atom: Atom) -> Function | None:
    """The ``__getitem__`` of the program that all methods of an abstract container stand on."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo):
        return None
    base = base_of(program, atom.cls)
    is_abstract = base is not None and base.name in _ABSTRACT and not base.is_said
    return program.method(atom, "__getitem__") if is_abstract else None


def base_made_by(program: Program, call: ast.Call, scope: Scope, frame: Frame | None) -> Base | None:
    """The container that ``call`` makes, if it makes an instance of such a class."""
    classes = [a.cls for a in program.evaluate(call.func, scope, frame) if isinstance(a, ClassRef)]
    bases = (base_of(program, cls) for cls in classes if isinstance(cls, ClassInfo))
    return next((base for base in bases if base is not None), None)


def filled_with(
    program: Program, cls: ClassInfo, call: ast.Call, scope: Scope, frame: Frame | None
) -> Shape | None:
    """The arguments that fill the instance of ``cls`` that ``call`` makes: its own, or what ``__init__`` hands on to
    that of the container; None where that is not seen.
    """
    own, made = shape_of(call, scope, frame), Instance(cls, Site.of(call, scope, frame))
    init = program.method(made, "__init__")
    if init is None:
        return own if program.method(made, "__new__") is None else None
    inner = program.call_frame(init, call, own, frame)
    for node in init.scope.module.loads.get("__init__", ()):
        handing = init.scope.module.parents.get(node)
        is_above = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call)
        if is_above and isinstance(handing, ast.Call) and init.scope.module.scopes[node] is init.scope:
            return shape_of(handing, init.scope, inner)
    return None


def site_of_class(program: Program, site: Site) -> Site | None:
    """Where what is in all instances of such a class is kept, if ``site`` makes one."""
    if not isinstance(site.node, ast.Call):
        return None
    base = base_made_by(program, site.node, site.scope, site.frame)
    return Site(base.cls.node, base.cls.scope, None) if base is not None else None
