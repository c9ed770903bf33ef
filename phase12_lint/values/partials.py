"""What ``partial(f, x)`` and ``partialmethod(f, x)`` call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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


def behind(
    program: Program, atom: Partial, around: frozenset[Partial] = frozenset()
) -> Iterator[tuple[Atom, Shape]]:
    """What ``atom`` calls in the end, and the arguments that it and the partials in it put before those of a call; what
    a loop makes of itself again and again puts its own there once.
    """
    made, scope, frame = atom.site.node, atom.site.scope, atom.site.frame
    assert isinstance(made, ast.Call)
    first, around = shape_of(made, scope, frame).without(1), around | {atom}
    for inner in called(program, made, scope, frame):
        if not isinstance(inner, Partial):
            yield inner, first
        elif inner not in around:
            for each, kept in behind(program, inner, around):
                yield each, first.after(kept)


def functions(program: Program, value: Value) -> list[tuple[Function, Shape | None]]:
    """The functions that ``value`` is or calls, each with the arguments that partials put before those of a call."""
    found: list[tuple[Function, Shape | None]] = [(a, None) for a in value if isinstance(a, Function)]
    for atom in (each for each in value if isinstance(each, Partial)):
        found += [(each, kept) for each, kept in behind(program, atom) if isinstance(each, Function)]
    return found


def calls(
    program: Program, made: ast.Call, place: Place, scope: Scope, around: frozenset[ast.Call] = frozenset()
) -> set[Frame]:
    """The calls of the function ``scope`` by the partial that ``made`` makes of what it has at ``place``."""
    found, around = set(), around | {made}
    value = program.evaluate(made, place.scope, place.frame)
    for function, first in functions(program, value):
        if function.scope is not scope or first is None:
            continue
        found.add(program.call_frame(function, made, first, place.frame))
        for later in program.places(made, place.scope):
            if later.call is not None:
                shape = shape_of(later.call, later.scope, later.frame).after(first)
                found.add(program.call_frame(function, later.call, shape, later.frame))
            elif (again := _made_of(program, later)) is not None and again not in around:
                found |= calls(program, again, later, scope, around)
    return {frame for frame in found if frame is not None}


def _made_of(program: Program, place: Place) -> ast.Call | None:
    """The call that makes a partial of the one at ``place``."""
    call = place.scope.module.parents.get(place.node)
    if not isinstance(call, ast.Call) or place.wrapped or call.args[:1] != [place.node]:
        return None
    return call if makes_one(program.evaluate(call.func, place.scope, place.frame)) else None


def _bound(program: Program, atom: Atom) -> Atom:
    if not isinstance(atom, Function) or atom.receiver is not None:
        return atom
    return Function(atom.scope, program.default_receiver(atom.scope), atom.closure)
