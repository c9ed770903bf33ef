"""Objects made of fields (named tuples, dataclasses, attrs, pydantic): what makes one of another, and takes one apart.

An object that is made by changing another one is known by the call that does it: a field is what the call gives for
it, else what the other object has.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Definition, Param, Scope
from phase12_lint.values import declared_types, folding, models
from phase12_lint.values.atoms import (
    ANYTHING,
    NOTHING,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Site,
    Text,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

CHANGING = {"dataclasses.replace", "attr.evolve", "attrs.evolve", "copy.replace"}
TABLES = {"dataclasses.asdict", "attr.asdict", "attrs.asdict"}
TUPLES = {"dataclasses.astuple", "attr.astuple", "attrs.astuple"}
_TABLES = {"asdict", "_asdict", "model_dump", "dict"}
_BY_KEY = frozenset({"get", "pop", "setdefault", "__getitem__"})
_TYPED_DICTIONARIES = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_READING = frozenset(
    {
        *("model_validate", "model_validate_json", "model_validate_strings"),
        *("parse_obj", "parse_raw", "parse_file", "from_orm"),
    }
)
METHODS = _READING | {
    *("_replace", "__replace__", "model_copy", "copy", "_asdict", "model_dump", "dict"),
    *("_make", "model_construct", "construct"),
}


def is_method(program: Program, atom: Instance | ClassRef, name: str) -> bool:
    """Whether ``name`` is a method that objects with fields have, and ``atom`` is one or the class of such."""
    if not isinstance(atom.cls, ClassInfo) or name not in METHODS | _BY_KEY:
        return False
    if name in _BY_KEY and _TYPED_DICTIONARIES.isdisjoint(atom.cls.ancestors(program)):
        return False
    return atom.cls.fields(program) is not None


def method(program: Program, owner: Instance | ClassRef, name: str, site: Site) -> Value:
    """What such a method gives, called at ``site``."""
    if name in _READING:
        return frozenset({Instance(owner.cls, None, owner.arguments)})
    if name in ("_make", "model_construct", "construct"):
        return frozenset({Instance(owner.cls, site, owner.arguments)})
    if name in _BY_KEY:
        return _under_key(program, owner, site)
    return tables(site) if name in _TABLES else changed(program, frozenset({owner}), site)


def _under_key(program: Program, owner: Instance | ClassRef, site: Site) -> Value:
    """``job.get("tool")`` of a ``TypedDict``, with the default that is given."""
    assert isinstance(owner.cls, ClassInfo)
    given = site.node.args if isinstance(site.node, ast.Call) else []
    names = folding.strings(program.evaluate(given[0], site.scope, site.frame)) if given else []
    known = [name for name in names if name in (owner.cls.fields(program) or ())]
    if not known:
        return ANYTHING
    defaults = (program.evaluate(each, site.scope, site.frame) for each in given[1:])
    return program.join([*(program.attribute(frozenset({owner}), name) for name in known), *defaults])


def changed(program: Program, value: Value, site: Site) -> Value:
    """``replace(value, ...)`` at ``site``."""
    found: set[Atom] = set()
    for atom in value:
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo) and atom.cls.fields(program):
            found.add(Instance(atom.cls, site, atom.arguments))
        else:
            found.add(atom)
    return frozenset(found)


def tables(site: Site) -> Value:
    """``asdict(value)`` at ``site``: a table of the fields."""
    return frozenset({Container("dict", site)})


def tuples(program: Program, value: Value) -> Value:
    """``astuple(value)``: the fields in their order."""
    return frozenset(
        Container(
            "tuple",
            None,
            tuple(program.attribute(frozenset({atom}), name) for name in atom.cls.fields(program) or ()),
            True,
        )
        for atom in value
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo)
    )


def in_table(
    program: Program, node: ast.Call, which: object, scope: Scope, frame: Frame | None
) -> Value | None:
    """What is in the table that ``node`` makes; None if it does not make one of the fields of an object."""
    owner = _original(program, node, scope, frame) if _last(node) in _TABLES else NOTHING
    infos = [a.cls for a in owner if isinstance(a, Instance) and isinstance(a.cls, ClassInfo)]
    names = sorted({name for cls in infos for name in cls.fields(program) or ()})
    if not names:
        return None
    if which == "keys":
        return frozenset(map(Text, names))
    wanted = [which[1]] if isinstance(which, tuple) else names
    return program.join(program.attribute(owner, name) for name in wanted)


def constructed(program: Program, atom: Instance | ClassRef, name: str) -> Value:
    """The constructor argument behind a field of a dataclass and the like."""
    assert isinstance(atom.cls, ClassInfo)
    fields = atom.cls.fields(program)
    if isinstance(atom, ClassRef) or fields is None or name not in fields:
        return NOTHING
    sites = [atom.site] if atom.site is not None else program.constructions(atom.cls)
    found: set[Atom] = set()
    for site in sites:
        found |= _field_given(program, site, fields.index(name), name) or NOTHING
    return frozenset(found)


def given_to_post_init(program: Program, param: Param) -> Value:
    """What ``__post_init__`` gets as ``param``: the argument of the constructor for the ``InitVar`` of that place."""
    owner = param.scope.class_scope
    if owner is None or param.scope.name != "__post_init__":
        return NOTHING
    cls = program.class_of(owner)
    annotated = [(name, _annotated(program, cls, name)) for name in cls.fields(program) or ()]
    passed = [(name, said) for name, said in annotated if said is not None and _is_init_only(program, *said)]
    if not 0 < param.index <= len(passed):
        return NOTHING
    name, said = passed[param.index - 1]
    given = constructed(program, Instance(cls), name)
    return declared_types.reconcile(program, declared_types.instance(program, *said, None), given)


def _annotated(program: Program, cls: ClassInfo, name: str) -> tuple[ast.expr, Scope] | None:
    line = (each for each in cls.ancestors(program) if isinstance(each, ClassInfo))
    return next((said for each in line if (said := each.annotation(name)) is not None), None)


def _is_init_only(program: Program, node: ast.expr, scope: Scope) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = program.quoted_text(node.value) or node
    kind = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(kind, (ast.Name, ast.Attribute)) and External(
        "dataclasses.InitVar"
    ) in program.evaluate(kind, scope)


def by_decorated(
    program: Program, definition: Definition, cls: ClassInfo, atom: Instance | ClassRef
) -> Value:
    """What a method under ``@field.default`` makes of a field of attrs."""
    if not isinstance(definition, Assigned) or not isinstance(definition.value, ast.Call):
        return NOTHING
    found: set[Atom] = set()
    for scope in cls.scope.children:
        for decorator in getattr(scope.node, "decorator_list", ()):
            named = decorator.value if isinstance(decorator, ast.Attribute) else None
            if (
                isinstance(named, ast.Name)
                and decorator.attr == "default"
                and named.id == _target(definition)
            ):
                found |= program.apply(Function(scope, atom), scope.node, scope, None, Shape((), ()))
    return frozenset(found)


def _target(definition: Assigned) -> str | None:
    return definition.node.id if isinstance(definition.node, ast.Name) else None


def made_for(
    program: Program, default: ast.Call, cls: ClassInfo, atom: Instance | ClassRef, value: Value
) -> Value:
    """``value``, which ``default`` is, with what the factory of a field makes for the instance ``atom`` alone."""
    if (
        not isinstance(atom, Instance)
        or atom.site is None
        or not any(isinstance(a, Container) for a in value)
    ):
        return value
    callee = program.evaluate(default.func, cls.scope)
    if not any(isinstance(each, External) and each.name in models.FIELDS for each in callee):
        return value
    frame = program.receiver_frame(atom, cls.scope)
    return frozenset(
        Container(each.kind, Site.of(each.made.node, each.made.scope, frame), (), each.exact)
        if isinstance(each, Container) and each.made is not None
        else each
        for each in value
    )


def by_metadata(program: Program, annotation: ast.expr, scope: Scope) -> Value:
    """What ``Annotated[dict, Field(default_factory=dict)]`` makes."""
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    said = inner.elts[1:] if isinstance(inner, ast.Tuple) else []
    found: set[Atom] = set()
    for node in said:
        callee = program.evaluate(node.func, scope) if isinstance(node, ast.Call) else NOTHING
        if any(isinstance(atom, External) and atom.name in models.FIELDS for atom in callee):
            found |= program.evaluate(node, scope)
    return frozenset(found)


def validated(program: Program, cls: ClassInfo, name: str, given: Value) -> Value:
    """What a field is that is ``given``: what the validators of the class make of it, as far as they make anything."""
    for scope in cls.scope.children:
        if _validates(program, scope, name):
            made = program.apply(Function(scope, ClassRef(cls)), scope.node, scope, None, Shape((), ()))
            given = made if UNKNOWN not in made else given | (made - {UNKNOWN})
    return given


def _validates(program: Program, scope: Scope, name: str) -> bool:
    """Whether ``scope`` stands under ``@field_validator("name")``."""
    for decorator in getattr(scope.node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and _last(decorator) in models.VALIDATING:
            named = [each.value for each in decorator.args if isinstance(each, ast.Constant)]
            callee = program.evaluate(decorator.func, scope.parent or scope)
            if (name in named or "*" in named) and any(
                isinstance(atom, External) and atom.name.startswith("pydantic.") for atom in callee
            ):
                return True
    return False


def _field_given(program: Program, site: Site, index: int, name: str) -> Value | None:
    """What the field ``name``, the one at ``index``, of an object that is made at ``site`` is given there."""
    node = site.node
    if not isinstance(node, ast.Call):
        return None
    shape = shape_of(node, site.scope, site.frame)
    last = _last(node)
    if last == "_make" and shape.positional:
        first = shape.positional[0]
        path = (*first.path, ("index", index))
        return program.argument(Argument(first.node, first.scope, first.frame, path))
    given = _by_keyword(program, shape, name)
    if given is not None:
        return given
    if last in models.CHANGES and not _is_constructor(program, node, site):
        return program.attribute(_original(program, node, site.scope, site.frame), name)
    if index < len(shape.positional) and not any(a.spread for a in shape.positional[: index + 1]):
        return program.argument(shape.positional[index])
    return None


def _by_keyword(program: Program, shape: Shape, name: str) -> Value | None:
    for keyword, argument in shape.keywords:
        if keyword == name:
            return program.argument(argument)
        if not keyword:
            tables = program.argument(Argument(argument.node, argument.scope, argument.frame, argument.path))
            found = program.join(
                program.element(a, ("key", name)) for a in tables if isinstance(a, Container)
            )
            if found - {UNKNOWN}:
                return found
        if keyword == "update" and isinstance(argument.node, ast.Dict):
            for key, value in zip(argument.node.keys, argument.node.values):
                if isinstance(key, ast.Constant) and key.value == name:
                    return program.evaluate(value, argument.scope, argument.frame)
    return None


def made_anew(
    program: Program, given: ast.expr | None, owner: ClassInfo, atom: Instance | ClassRef
) -> Frame | None:
    """What tells the field that is ``given`` for ``atom`` from that of others of ``owner``, if a factory makes it."""
    if not isinstance(atom, Instance) or atom.site is None or not isinstance(given, ast.Call):
        return None
    return program.receiver_frame(atom, owner.scope) if any(models.factories_in(given)) else None


def _is_constructor(program: Program, node: ast.Call, site: Site) -> bool:
    return any(isinstance(atom, ClassRef) for atom in program.evaluate(node.func, site.scope, site.frame))


def _original(program: Program, node: ast.Call, scope: Scope, frame: Frame | None) -> Value:
    """The object that a function is given, or a method belongs to."""
    if node.args:
        return program.evaluate(node.args[0], scope, frame)
    return (
        program.evaluate(node.func.value, scope, frame) if isinstance(node.func, ast.Attribute) else ANYTHING
    )


def _last(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))
