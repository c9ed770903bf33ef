"""The functions of the API: its routes and exception handlers, and what is run on their behalf."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from phase12_lint.calls.applications import handlers, serves
from phase12_lint.calls.decorated import wrappers_of
from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layer_code import calls_within, nodes_within
from phase12_lint.calls.layers import API, layers_of
from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.calls.plugin_runs import functions_that_run_plugins
from phase12_lint.calls.routes import is_route
from phase12_lint.calls.search import Search
from phase12_lint.syntax.scopes import Param, Scope
from phase12_lint.values.atoms import Function
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.injection import called_for
from phase12_lint.values.ordering import frame_order, order
from phase12_lint.values.program import Program

_MOST = 100
_NO_SHAPE = Shape((), ())


class Endpoint(NamedTuple):
    """A function that the framework calls: a route, or a handler of exceptions."""

    scope: Scope
    handles: bool


class Run(NamedTuple):
    """Code of the API that runs for an endpoint: itself, a nested function, what it depends on, or a helper under one
    call.
    """

    scope: Scope
    frame: Frame | None


def endpoints(program: Program) -> list[Endpoint]:
    """Every governed route, and the exception handlers of the applications that may serve one; found once a program."""
    return program.once(_endpoints)


def exception_of(endpoint: Endpoint) -> Param | None:
    """The parameter by which an exception handler is given the exception: the last that must be given."""
    if not endpoint.handles:
        return None
    scope = endpoint.scope.module.bound(endpoint.scope)
    needed = [p for p in scope.params if p.kind == "positional" and p.default is None]
    return needed[-1] if needed else None


def _endpoints(program: Program) -> list[Endpoint]:
    routes = governed_routes(program)
    found = {scope: Endpoint(scope, False) for scope in routes}
    if routes:
        for handler in handlers(program):
            if handler.scope not in found and serves(program, handler, routes):
                found[handler.scope] = Endpoint(handler.scope, True)
    return sorted(found.values(), key=lambda each: order(each.scope, each.scope.node))


def governed_routes(program: Program) -> list[Scope]:
    """The routes from which a governed call or a plugin run can be reached."""
    calls = {*governed_calls(program).values(), *_calls_to_runs(program)}
    near = {outer for call in calls for outer in call.scope.chain() if outer.is_function}
    near |= set(functions_that_run_plugins(program))
    return sorted(
        (scope for scope in near if not scope.module.exempt and is_route(program, scope)),
        key=lambda scope: order(scope, scope.node),
    )


def _calls_to_runs(program: Program) -> Iterable[GovernedCall]:
    """The calls that reach a plugin run which stands outside the choke point."""
    runs = functions_that_run_plugins(program)
    return Search(program, runs).run().values() if runs else ()


def runs(program: Program, endpoint: Endpoint) -> list[Run]:
    """What runs for ``endpoint`` and belongs to the API: it, its nested functions and
    dependencies, and helpers as it calls them.
    """
    found = [Run(endpoint.scope, None), *_wrappers(program, endpoint)]
    seen = set(found)
    for run in found:
        for following in _called(program, run):
            if following in seen:
                continue
            if len(found) >= _MOST:
                name, path = endpoint.scope.qualified_name, endpoint.scope.module.path
                program.note(
                    f"more than {_MOST} functions run for `{name}` ({path}); the others were not followed"
                )
                return found
            seen.add(following)
            found.append(following)
    return found


def answering(program: Program, endpoint: Endpoint) -> frozenset[ast.Return]:
    """The returns that the framework answers with: those of ``endpoint``, or of what decorators put in its place, which
    may give what it gives itself.
    """
    found: list[ast.Return] = []
    wrappers = _wrappers(program, endpoint)
    inner = {endpoint.scope, *(run.scope for run in wrappers)}
    for run in wrappers:
        returns = _returns(run)
        handing = [each for each in returns if _hands_on(program, each, run, inner - {run.scope})]
        found += [each for each in returns if each not in handing]
        if not handing:
            return frozenset(found)
    return frozenset((*found, *_returns(Run(endpoint.scope, None))))


def _returns(run: Run) -> list[ast.Return]:
    return [each for each in nodes_within(run.scope) if isinstance(each, ast.Return)]


def _hands_on(program: Program, statement: ast.Return, run: Run, inner: Set[Scope]) -> bool:
    """Whether ``statement`` returns what a call of one of ``inner`` gives."""

    def is_given(leaf: Leaf) -> bool:
        callee = leaf.node.func if isinstance(leaf.node, ast.Call) and not leaf.path else None
        atoms = program.evaluate(callee, leaf.scope, leaf.frame) if callee is not None else ()
        return any(isinstance(atom, Function) and atom.scope in inner for atom in atoms)

    if statement.value is None:
        return False
    return any(map(is_given, leaves(program, Leaf(statement.value, *run), is_given)))


def _wrappers(program: Program, endpoint: Endpoint) -> list[Run]:
    """What decorators of the program put in the place of ``endpoint``, from what the framework calls on."""
    return [
        Run(
            each.scope,
            program.frame(Frame(each.scope, endpoint.scope.node, None, each.closure, _NO_SHAPE, None)),
        )
        for each in wrappers_of(program, endpoint.scope)
    ]


def _called(program: Program, run: Run) -> Iterator[Run]:
    for inner in run.scope.children:
        if inner.is_function and run.frame is None:
            frames = sorted(program.ask(("frames", inner)), key=frame_order)
            yield from (Run(inner, frame) for frame in frames)
            if not frames:
                yield Run(inner, None)
    for param in run.scope.module.bound(run.scope).params:
        functions = (atom.scope for atom in called_for(program, param))
        yield from (Run(scope, None) for scope in functions if _is_helper(program, scope))
    for call in calls_within(run.scope):
        for atom in program.evaluate(call.func, run.scope, run.frame):
            if isinstance(atom, Function) and _is_helper(program, atom.scope):
                frame = program.call_frame(atom, call, shape_of(call, run.scope, run.frame), run.frame)
                if frame is not None:
                    yield Run(atom.scope, frame)


def _is_helper(program: Program, scope: Scope) -> bool:
    """Whether ``scope`` is of the API, and not a governed route, which is judged by itself."""
    if scope.module.exempt or scope in program.once(_scopes_of_endpoints):
        return False
    return layers_of(program).written_in(scope) in (None, API)


def _scopes_of_endpoints(program: Program) -> frozenset[Scope]:
    return frozenset(endpoint.scope for endpoint in endpoints(program))
