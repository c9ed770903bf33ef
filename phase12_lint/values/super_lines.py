"""What ``super()`` leads to: the classes above the one that it stands in, and beside it where one below has both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ClassRef, Instance, Super
from phase12_lint.values.classes import Ancestor, ClassInfo

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def lines(program: Program, atom: Super) -> Iterator[tuple[Ancestor, ...]]:
    """What follows the class of ``atom`` in the method resolution order of each class that its receiver may be of."""
    for cls in _classes(program, atom):
        line = cls.ancestors(program)
        if atom.cls in line:
            yield line[line.index(atom.cls) + 1 :]


def methods(program: Program, atom: Super, name: str) -> list[Scope]:
    """The methods ``name`` that it leads to, as they are written."""
    found: dict[Scope, None] = {}
    for line in lines(program, atom):
        own = (each.method(name) for each in line if isinstance(each, ClassInfo))
        found |= dict.fromkeys([*filter(None, own)][:1])
    return list(found)


def _classes(program: Program, atom: Super) -> Iterator[ClassInfo]:
    receiver = atom.receiver
    known = receiver.cls if isinstance(receiver, (Instance, ClassRef)) else None
    start = known if isinstance(known, ClassInfo) and program.is_subclass(known, atom.cls) else atom.cls
    yield start
    if isinstance(receiver, Instance) and receiver.site is not None:
        return
    # A class with one base adds nothing behind those of its base.
    yield from (below for below in program.subclasses(start) if len(below.node.bases) > 1)
