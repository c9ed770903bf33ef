"""What the API does with errors and results: raw exceptions, the status, errors ignored, internals, bare results."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.api import Endpoint, Run, answering, endpoints, runs
from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.facts.raw_returns import only_raw, told
from phase12_lint.model import Confidence, Hop
from phase12_lint.taint.carried import Held, held_in
from phase12_lint.taint.domain import OF_AN_ERROR, Holdings, Kind
from phase12_lint.taint.error_reads import ignored_calls, passed_on
from phase12_lint.taint.guards import Failed, errors_at
from phase12_lint.taint.response_models import declares_model
from phase12_lint.taint.responses import Answer, Exit, answers, exits_of, messages_of
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program

_RIGHT = 400


@dataclass(frozen=True, slots=True)
class RawAnswer(Fact):
    """An exit of the API that lets ``kind`` of exception out; ``how`` is the verb."""

    kind: Kind
    how: str


@dataclass(frozen=True, slots=True)
class WrongStatus(Fact):
    """An exit with the error of a governed call and another status than 400; ``plain`` if it is a plain return."""

    status: int
    plain: bool
    how: str


@dataclass(frozen=True, slots=True)
class IgnoredError(Fact):
    """A governed call of the API whose error is never looked at."""


@dataclass(frozen=True, slots=True)
class InternalLeak(Fact):
    """An exit of the API that lets the internal part of an envelope out; ``whole`` if with the whole of it."""

    whole: bool
    how: str


@dataclass(frozen=True, slots=True)
class BareResult(Fact):
    """A return of a route that gives the result of a governed call as it is."""


def api_errors(program: Program) -> Iterator[Fact]:
    """Every fact about the errors and results of the API's routes and exception handlers."""
    for endpoint in endpoints(program):
        yield from _of_endpoint(held_in(program), endpoint)


def _of_endpoint(held: Held, endpoint: Endpoint) -> Iterator[Fact]:
    every = runs(held.program, endpoint)
    ignored = ignored_calls(held, endpoint, every)
    for call in ignored:
        scope = endpoint.scope.module.scopes.get(call, endpoint.scope)
        yield IgnoredError(call, scope, _of_call(held.program, call), False)
    unread = frozenset(ignored) | passed_on(held, endpoint, ignored)
    returns = answering(held.program, endpoint)
    for run in every:
        for found in exits_of(held.program, run, run.scope is endpoint.scope, returns):
            for answer in answers(held, found):
                yield from _let_out(held, found.statement, found.value, run, answer.held, found.how, unread)
                yield from _bare(held, endpoint, found, answer, unread)
            yield from _wrong_status(held, found, unread)
        for sent in messages_of(run):
            given = held.of(sent.value, run.scope, run.frame)
            yield from _let_out(held, sent.statement, sent.value, run, given, "sends", unread)


def _let_out(
    held: Held,
    statement: ast.stmt,
    value: ast.expr,
    run: Run,
    given: Holdings,
    how: str,
    unread: frozenset[ast.AST],
) -> Iterator[Fact]:
    """What of exceptions and envelopes goes out with ``value``."""
    scope = run.scope
    raw = only_raw(frozenset(h for h in given if not h.stored or h.where is scope))
    if raw:
        kind, evidence = told(scope, value, raw)
        yield RawAnswer(statement, scope, evidence, False, kind, how)
    internal = [h for h in given if h.kind is Kind.INTERNAL and h.origin not in unread]
    if internal:
        origin = min((h.origin for h in internal), key=lambda node: getattr(node, "lineno", 0))
        whole = any(h.kind is Kind.ENVELOPE and h.origin is origin for h in given)
        yield InternalLeak(statement, scope, _of_call(held.program, origin), False, whole, how)


def _bare(
    held: Held, endpoint: Endpoint, found: Exit, answer: Answer, unread: frozenset[ast.AST]
) -> Iterator[Fact]:
    """A return of the result as it is; what is result or error in one and never looked at is an error ignored."""
    of_unread = held.wholes & unread
    if answer.plain and not endpoint.handles and not declares_model(held.program, endpoint.scope):
        bare = [
            h.origin for h in answer.held if h.kind is Kind.RESULT and not h.way and h.origin not in of_unread
        ]
        if bare:
            origin = min(bare, key=lambda node: getattr(node, "lineno", 0))
            yield BareResult(found.statement, found.run.scope, _of_call(held.program, origin), False)


def _wrong_status(held: Held, found: Exit, unread: frozenset[ast.AST]) -> Iterator[Fact]:
    """The wrong statuses of ``found`` where a governed call has failed whose error it holds, or is known to follow."""
    scope, frame = found.run
    governed = governed_calls(held.program)
    failed = list(errors_at(held, found.statement, scope, frame))
    origins = dict.fromkeys(failed)
    origins |= dict.fromkeys(
        h.origin for answer in answers(held, found) for h in answer.held if h.kind in OF_AN_ERROR
    )
    for origin in sorted(origins, key=lambda node: getattr(node, "lineno", 0)):
        if origin not in governed or origin in unread:
            continue
        for answer in answers(held, found, Failed(held, origin)):
            if origin not in failed and not any(
                h.origin is origin and h.kind in OF_AN_ERROR for h in answer.held
            ):
                continue
            wrong = sorted(status for status in answer.statuses if status not in (None, _RIGHT))
            if wrong:
                evidence = _of_call(held.program, origin)
                yield WrongStatus(
                    found.statement, scope, evidence, False, wrong[0] or 0, answer.plain, found.how
                )


def _of_call(program: Program, origin: ast.AST) -> Evidence:
    """The call that an error or a result comes from, and where it stands."""
    call = governed_calls(program).get(origin) if isinstance(origin, ast.expr) else None
    if call is None:
        what = describe(origin.func) if isinstance(origin, ast.Call) else "the envelope builder"
        return Evidence(what, Confidence.CERTAIN, ())
    assert isinstance(call.node, ast.expr)
    name = describe(call.node.func if isinstance(call.node, ast.Call) else call.node)
    line, column = call.scope.module.lines.position(call.node)
    hop = Hop(call.scope.module.path, line, column, f"`{name}` reaches the choke point")
    return Evidence(name, call.evidence.confidence, (hop, *call.evidence.hops))


OF_THE_PROGRAM = (api_errors,)
