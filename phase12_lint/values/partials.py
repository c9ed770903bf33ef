"""What ``partial(f, x)`` and ``partialmethod(f, x)`` call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Atom, External, Function, Partial, Value
from phase12_lint.values.frames import Frame, Shape, shape_of

if TYPE_CHECKING:
    from phase12_lint.values.loads import Place
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


def functions(program: Program, value: Value) -> list[tuple[Function, Shape | None]]:
    """The functions that ``value`` is or calls, each with the arguments that partials put before those of a call."""
    found: list[tuple[Function, Shape | None]] = []
    for atom in value:
        if isinstance(atom, Function):
            found.append((atom, None))
        elif isinstance(atom, Partial):
            inner, first = behind(program, atom)
            found += [
                (each, first.after(kept) if kept else first) for each, kept in functions(program, inner)
            ]
    return found


def calls(program: Program, made: ast.Call, place: Place, scope: Scope) -> set[Frame]:
    """The calls of the function ``scope`` by the partial that ``made`` makes of what it has at ``place``."""
    found = set()
    value = program.evaluate(made, place.scope, place.frame)
    for function, first in functions(program, value):
        if function.scope is not scope or first is None:
            continue
        found.add(program.call_frame(function, made, first, place.frame))
        for later in program.places(made, place.scope):
            if later.call is not None:
                shape = shape_of(later.call, later.scope, later.frame).after(first)
                found.add(program.call_frame(function, later.call, shape, later.frame))
            elif (again := _made_of(program, later)) is not None:
                found |= calls(program, again, later, scope)
    return {frame for frame in found if frame is not None}


def _made_of(program: Program, place: Place) -> ast.Call | None:
    """The call that makes a partial of the one at ``place``."""
    call = place.scope.module.parents.get(place.node)
    is_given = isinstance(call, ast.Call) and not place.wrapped and call.args[:1] == [place.node]
    made = call if is_given and isinstance(call, ast.Call) else None
    return made if made and makes_one(program.evaluate(made.func, place.scope, place.frame)) else None


def _bound(program: Program, atom: Atom) -> Atom:
    if not isinstance(atom, Function) or atom.receiver is not None:
        return atom
    return Function(atom.scope, program.default_receiver(atom.scope), atom.closure)
