"""Objects of which no making is seen: arguments of unknown callers, fields, what a library gives.

What is put into such a container, or kept on such an object, is there again where the same object is read. Which one
it is, is told by where it comes in: a parameter, a target that is annotated, a call; of what belongs to a library
(``flask.g``, ``app.state``), by what it is taken from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import chained_maps, command_lines, keys, lifespans, stored_elsewhere, targets
from phase12_lint.values.atoms import (
    NOTHING,
    UNKNOWN,
    Atom,
    Container,
    External,
    Instance,
    Kept,
    Method,
    Site,
    Value,
)
from phase12_lint.values.containers import OPEN_KINDS
from phase12_lint.values.loads import Place

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def told_apart(program: Program, value: Value, node: ast.AST, scope: Scope) -> Value:
    """``value``, which comes in at ``node``, with what is unknown of it told apart from other unknown things."""
    bare = [atom for atom in value if isinstance(atom, Container) and _is_bare(atom)]
    site = Site(node, scope, None)
    if not (bare or UNKNOWN in value) or not program.is_filled(site):
        return value
    known: set[Atom] = {Container(atom.kind, site, atom.items, atom.exact) for atom in bare}
    known |= {Container("any", site)} if UNKNOWN in value else set()
    return value.difference(bare) | known


def _is_bare(atom: Container) -> bool:
    return atom.site is None and atom.kind in OPEN_KINDS


def container_of(atom: Atom, key: str | None) -> Container | None:
    """An object of a library as the container that it may be; of which only the class is known, for one ``key``."""
    if isinstance(atom, Instance) and isinstance(atom.cls, str):
        if atom.site is not None:
            return Container("any", atom.site)
        return Container("any", Kept(atom, key)) if key is not None else None
    if isinstance(atom, External) or (isinstance(atom, Method) and _is_of_library(atom)):
        return Container("any", Kept(atom))
    return None


def _is_of_library(atom: Atom) -> bool:
    while isinstance(atom, Method):
        atom = atom.owner
    return (isinstance(atom, Instance) and isinstance(atom.cls, str)) or (
        isinstance(atom, Container) and atom.kind == "any"
    )


def places_of(program: Program, site: Kept) -> Iterator[Place]:
    """Where something that belongs to a library is read."""
    for load, module in _read(program, site):
        scope = module.scopes[load]
        if any(may_be_same(each, site.owner) for each in program.evaluate(load, scope)):
            yield Place(load, scope)


def _read(program: Program, site: Kept) -> Iterator[tuple[ast.expr, Module]]:
    if site.key is not None:
        yield from keys.stored_under(program, site.key)
        return
    name = site.owner.name.rpartition(".")[2] if isinstance(site.owner, (External, Method)) else ""
    for module in program.project.modules_with(name):
        yield from ((load, module) for load in module.loads.get(name, ()))


def may_be_same(one: Atom, other: Atom) -> bool:
    """Whether two things that belong to a library may be the same object."""
    if isinstance(one, Method) and isinstance(other, Method):
        return one.name == other.name and may_be_same(one.owner, other.owner)
    if isinstance(one, Instance) and isinstance(other, Instance):
        made = [each.site.node for each in (one, other) if each.site is not None]
        return one.cls == other.cls and (len(made) < 2 or made[0] is made[1])
    return one is other and isinstance(one, (External, Container))


def kept(program: Program, atom: Atom, name: str) -> Value:
    """What is kept in the attribute ``name`` of something that belongs to a library."""
    if isinstance(atom, Container) and atom.kind != "any":
        return chained_maps.attribute(program, atom, name)
    if not isinstance(atom, (External, Instance)) and not _is_of_library(atom):
        return NOTHING
    given = lifespans.given(program, atom, name) | command_lines.stored(program, atom, name)
    return (given | program.ask(("kept", atom, name))) if _storing(program, atom, name) else given


def _storing(program: Program, atom: Atom, name: str) -> list[Module]:
    """The modules in which ``name`` may be stored there: a whole library is called by its name where it is imported."""
    whole = atom.name if isinstance(atom, External) and "." not in atom.name else ""
    return program.project.modules_storing(name, whole)


def compute_kept(program: Program, atom: Atom, name: str) -> Value:
    """See ``kept``."""
    found: set[Atom] = set()
    for owner, scope, value in stored_elsewhere.foreign_stores(_storing(program, atom, name), name):
        if any(may_be_same(each, atom) for each in program.evaluate(owner, scope)):
            found |= targets.stored(program, value, scope, None)
    return frozenset(found)
