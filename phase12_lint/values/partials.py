"""What ``partial(f, x)`` and ``partialmethod(f, x)`` call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Atom, External, Function, Partial, Value
from phase12_lint.values.frames import Frame, Shape, shape_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_OF_METHOD = "functools.partialmethod"
_MAKING = ("functools.partial", _OF_METHOD)


def makes_one(callee: Value) -> bool:
    """Whether a call of ``callee`` puts its arguments before those of later calls of the function that it is given."""
    return any(External(name) in callee for name in _MAKING)


def called(program: Program, made: ast.Call, scope: Scope, frame: Frame | None) -> Value:
    """What the partial that ``made`` makes calls: of a method with ``self`` in its place already."""
    value = program.evaluate(made.args[0], scope, frame)
    if External(_OF_METHOD) not in program.evaluate(made.func, scope, frame):
        return value
    return frozenset(_bound(program, atom) for atom in value)


def behind(program: Program, atom: Partial) -> tuple[Value, Shape]:
    """What ``atom`` calls, and the arguments that it puts before those that it is called with."""
    made, scope, frame = atom.site.node, atom.site.scope, atom.site.frame
    assert isinstance(made, ast.Call)
    return called(program, made, scope, frame), shape_of(made, scope, frame).without(1)


def _bound(program: Program, atom: Atom) -> Atom:
    if not isinstance(atom, Function) or atom.receiver is not None:
        return atom
    return Function(atom.scope, program.default_receiver(atom.scope), atom.closure)
