"""What a name alone says: the policy's ``plugin-names`` and ``runner-names``."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import (
    NONE,
    UNKNOWN,
    Atom,
    Container,
    External,
    Instance,
    Method,
    Sourced,
    Value,
)

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def with_name(program: Program, node: ast.expr, value: Value) -> Value:
    """``value`` with what the last name of ``node`` adds, if nothing known contradicts it.

    What it added before, and a function that calls itself has brought back, says nothing of it.
    """
    name = last_name(node)
    if name is None:
        return value
    roles = program.governed.roles_of_name(name)
    if not roles:
        return value
    value = frozenset(atom for atom in value if not (isinstance(atom, Sourced) and atom.node is node))
    if not _open(program, value):
        return value
    added: set[Atom] = set()
    for role in roles:
        if role == "plugins":
            if not any(isinstance(atom, Container) for atom in value):
                plugin: Value = frozenset({Sourced(node, True)})
                added.add(Container("any", None, (plugin,)))
        elif not any(program.governed.is_role(atom, role) for atom in value):
            added.add(Sourced(node, True, role))
    return value | added


def _open(program: Program, value: Value) -> bool:
    """Whether ``value`` may be more than what is known of it."""
    known = [atom for atom in value if atom is not NONE]
    return not known or any(contradicts_nothing(program, atom) for atom in known)


def contradicts_nothing(program: Program, atom: Atom) -> bool:
    """Whether ``atom`` stands for something that the program does not define and Python does not know."""
    if atom is UNKNOWN:
        return True
    if isinstance(atom, External):
        return not program.governed.is_known_external(atom.name)
    if isinstance(atom, Method):
        return isinstance(atom.owner, Instance) or contradicts_nothing(program, atom.owner)
    if isinstance(atom, Instance) and isinstance(atom.cls, str):
        return not program.governed.is_other_library_class(atom.cls)
    return False


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether ``name`` matches one of the glob ``patterns``; ``x[]`` stands for a subscript of ``x``."""
    subscript = name.endswith("[]")
    for pattern in patterns:
        if pattern.endswith("[]"):
            if subscript and fnmatchcase(name[:-2], pattern[:-2]):
                return True
        elif not subscript and fnmatchcase(name, pattern):
            return True
    return False
