"""Enumerations: their members, what these stand for, and what their ``__init__`` is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned
from phase12_lint.values import folding, frames
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    Instance,
    Site,
    Text,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Shape

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def members(cls: ClassInfo) -> Iterator[Assigned]:
    """What the class body assigns."""
    for definitions in cls.module.bound(cls.scope).bindings.values():
        yield from (each for each in definitions if isinstance(each, Assigned))


def sites(program: Program, cls: ClassInfo) -> Iterator[Site]:
    """Where the members are made, which no call does; none of a class that is no enumeration."""
    for member in members(cls) if cls.is_enum(program) else ():
        if member.value is not None:
            yield Site.of(member.value, cls.scope, None)


def values(program: Program, cls: ClassInfo) -> Value:
    """What the members stand for."""
    return program.join(program.define(each, None) for each in members(cls)) or ANYTHING


def called(program: Program, cls: ClassInfo, names: Sequence[str]) -> Value:
    """The members of ``cls`` that are called one of ``names``; any of them, if those are not known."""
    known = {each.node.id for each in members(cls) if isinstance(each.node, ast.Name)}
    if not names or not known.issuperset(names):
        return frozenset({Instance(cls)})
    return program.join(program.attribute(frozenset({ClassRef(cls)}), name) for name in names)


def by_value(program: Program, cls: ClassInfo | str, shape: Shape) -> Value:
    """The members of ``cls`` whose value is the one text that its call is given; nothing where that is not known."""
    if isinstance(cls, str) or len(shape.positional) != 1 or shape.keywords or not cls.is_enum(program):
        return NOTHING
    names = {
        text: each.node.id
        for each in members(cls)
        if isinstance(each.node, ast.Name)
        for text in folding.strings(program.define(each, None))
    }
    texts = folding.strings(program.argument(shape.positional[0]))
    found = [names[text] for text in texts if text in names]
    return called(program, cls, found) if found and len(found) == len(texts) else NOTHING


def constant(program: Program, atom: Atom) -> str | None:
    """What tells ``atom`` from others where it is compared or is a key: its text or, of the one member of an
    enumeration that it is, the value (under another name it is the same member); None where that is not known.
    """
    if isinstance(atom, Text):
        return atom.text
    if not isinstance(atom, Instance) or atom.site is None or not isinstance(atom.cls, ClassInfo):
        return None
    if atom.site.scope is not atom.cls.scope or not atom.cls.is_enum(program):
        return None
    if atom.cls.is_text_enum(program):
        return next(iter(folding.strings(called(program, atom.cls, names_of(atom)))), None)
    node = atom.site.node
    name = ast.unparse(node) if isinstance(node, ast.Constant) else next(iter(names_of(atom)), None)
    return f"{atom.cls.module.path}:{atom.cls.scope.qualified_name}.{name}" if name is not None else None


def constants(program: Program, value: Value) -> list[str]:
    """What tells each of ``value`` from others, sorted, if all of them are told apart; else none."""
    known = {constant(program, atom) for atom in value}
    return sorted(each for each in known if each is not None) if None not in known else []


def table(program: Program, cls: ClassInfo) -> Value:
    """The members by their names."""
    made = frozenset(Instance(cls, site) for site in sites(program, cls))
    return frozenset({Container("dict", None, (ELSE, made))})


def names_of(member: Instance) -> list[str]:
    """What the member is called; nothing where it is not known which one it is."""
    value = member.site.node if member.site is not None else None
    if value is None or not isinstance(member.cls, ClassInfo):
        return []
    parent = member.cls.module.parents.get(value)
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def making(program: Program, atom: Instance) -> Shape | None:
    """What the ``__init__`` of ``atom`` is given: of a member its value, taken apart if that is a tuple."""
    site = atom.site
    if site is None:
        return None
    if not isinstance(atom.cls, ClassInfo) or not atom.cls.is_enum(program):
        return frames.making(program, site)
    given = site.node.elts if isinstance(site.node, ast.Tuple) else [site.node]
    nodes = (each for each in given if isinstance(each, ast.expr))
    return Shape(tuple(Argument(each, site.scope, None) for each in nodes), (), site.scope)
