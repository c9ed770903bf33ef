"""The functions of the API: its routes and exception handlers, and what is run on their behalf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.calls.layer_code import calls_within, layer_classes
from phase12_lint.calls.layers import API, layers_of
from phase12_lint.calls.routes import declared, is_error_handler, is_route
from phase12_lint.syntax.scopes import Param, Scope
from phase12_lint.values.atoms import Function
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.ordering import frame_order, order
from phase12_lint.values.program import Program

_MOST = 100
_DEEPEST = 3


class Endpoint(NamedTuple):
    """A function that the framework calls: a route, or a handler of exceptions."""

    scope: Scope
    handles: bool


class Run(NamedTuple):
    """Code of the API that runs for an endpoint: itself, a nested function, or a helper under one call."""

    scope: Scope
    frame: Frame | None


def endpoints(program: Program) -> list[Endpoint]:
    """Every route and exception handler of a program that has a pipeline; found once a program."""
    return program.once(_endpoints)


def exception_of(endpoint: Endpoint) -> Param | None:
    """The parameter by which an exception handler is given the exception: the last that must be given."""
    if not endpoint.handles:
        return None
    scope = endpoint.scope.module.bound(endpoint.scope)
    needed = [p for p in scope.params if p.kind == "positional" and p.default is None]
    return needed[-1] if needed else None


def _endpoints(program: Program) -> list[Endpoint]:
    if not (
        program.choke.functions or program.choke.modules or layer_classes(program) or governed_calls(program)
    ):
        return []
    found: dict[Scope, Endpoint] = {}
    for scope in declared(program):
        if scope not in found and not scope.module.exempt:
            if is_route(program, scope):
                found[scope] = Endpoint(scope, False)
            elif is_error_handler(program, scope):
                found[scope] = Endpoint(scope, True)
    return sorted(found.values(), key=lambda each: order(each.scope, each.scope.node))


def runs(program: Program, endpoint: Endpoint) -> list[Run]:
    """What runs for ``endpoint`` and belongs to the API: it and its nested functions, and helpers as it calls them."""
    found = [Run(endpoint.scope, None)]
    seen = set(found)
    for run in found:
        for following in _called(program, run):
            if following in seen:
                continue
            if len(found) >= _MOST:
                program.note(f"more than {_MOST} functions run for a route or an exception handler")
                return found
            seen.add(following)
            found.append(following)
    return found


def _called(program: Program, run: Run) -> Iterator[Run]:
    for inner in run.scope.children:
        if inner.is_function and run.frame is None:
            frames = sorted(program.ask(("frames", inner)), key=frame_order)
            yield from (Run(inner, frame) for frame in frames)
            if not frames:
                yield Run(inner, None)
    if run.frame is not None and run.frame.depth >= _DEEPEST:
        return
    for call in calls_within(run.scope):
        for atom in program.evaluate(call.func, run.scope, run.frame):
            if isinstance(atom, Function) and _is_helper(program, atom.scope):
                frame = program.call_frame(atom, call, shape_of(call, run.scope, run.frame), run.frame)
                if frame is not None:
                    yield Run(atom.scope, frame)


def _is_helper(program: Program, scope: Scope) -> bool:
    return not scope.module.exempt and layers_of(program).written_in(scope) in (None, API)
