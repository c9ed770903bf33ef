"""Which errors are known to be there where a statement stands: what the conditions around and before it have tested."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.calls.outcomes import Assumption
from phase12_lint.syntax.before import known_tests, parts_of
from phase12_lint.syntax.conditions import condition_of
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_KEY, INTERNAL_KEY, Holdings, Kind
from phase12_lint.taint.single_results import tested_key
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.taint.carried import Held


def errors_at(held: Held, statement: ast.stmt, scope: Scope, frame: Frame | None) -> Iterator[ast.AST]:
    """The governed calls that have failed wherever ``statement`` is reached."""
    return (origin for origin, failed in outcomes_at(held, statement, scope, frame) if failed)


def outcomes_at(
    held: Held, node: ast.AST, scope: Scope, frame: Frame | None
) -> Iterator[tuple[ast.AST, bool]]:
    """The governed calls of which it is known wherever ``node`` is reached, whether they have failed."""
    for test, outcome in known_tests(scope, node, None):
        yield from _told(held, test, outcome, scope, frame)


def without_refuted(
    held: Held, found: Holdings, node: ast.AST, scope: Scope, frame: Frame | None
) -> Holdings:
    """``found`` without the results of calls that have failed where ``node`` is, and the envelopes of others."""
    if all(each.origin not in held.wholes for each in found):
        return found
    known = dict(outcomes_at(held, node, scope, frame))
    return frozenset(
        each
        for each in found
        if each.origin not in held.wholes
        or each.origin not in known
        or known[each.origin] is not (each.kind is Kind.RESULT)
    )


class Failed(Assumption):
    """That the governed call ``origin`` has failed."""

    def __init__(self, held: Held, origin: ast.AST) -> None:
        self._held = held
        self._origin = origin

    def outcome(self, test: ast.expr, scope: Scope, frame: Frame | None) -> bool | None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.outcome(test.operand, scope, frame)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            return None
        for outcome in (True, False):
            if self._origin in _tested(self._held, test, outcome, scope, frame):
                return outcome
        return None

    def holds_at(self, node: ast.AST, scope: Scope, frame: Frame | None) -> bool:
        statement = node
        while not isinstance(statement, ast.stmt) and statement in scope.module.parents:
            statement = scope.module.parents[statement]
        if not isinstance(statement, ast.stmt):
            return False
        return self._origin in errors_at(self._held, statement, scope, frame)


def _tested(
    held: Held, test: ast.expr, outcome: bool, scope: Scope, frame: Frame | None
) -> Iterator[ast.AST]:
    """The errors that are there where ``test`` came out as ``outcome``."""
    return (origin for origin, failed in _told(held, test, outcome, scope, frame) if failed)


def _told(
    held: Held, test: ast.expr, outcome: bool, scope: Scope, frame: Frame | None
) -> Iterator[tuple[ast.AST, bool]]:
    """The governed calls of which it is known where ``test`` came out as ``outcome``, whether they have failed."""
    for part, came in parts_of(test, outcome):
        yield from _told_by(held, part, came, scope, frame)


def _told_by(
    held: Held, test: ast.expr, outcome: bool, scope: Scope, frame: Frame | None
) -> Iterator[tuple[ast.AST, bool]]:
    """The same, of a test that has no parts."""
    key = tested_key(test) if isinstance(test, ast.Compare) else None
    if key is not None:
        assert isinstance(test, ast.Compare)
        if key[0] in (ERROR_KEY, INTERNAL_KEY):
            is_there = isinstance(test.ops[0], ast.In) is outcome
            yield from ((each, is_there) for each in _wholes(held, key[1], scope, frame))
        return
    subject, is_there = _subject(test, outcome)
    for each in held.of(subject, scope, frame):
        is_whole = each.origin in held.wholes
        if not each.way and each.kind is (Kind.ERROR if is_whole else Kind.ENVELOPE):
            yield each.origin, is_there


def _wholes(held: Held, node: ast.expr, scope: Scope, frame: Frame | None) -> Iterator[ast.AST]:
    for each in held.of(node, scope, frame):
        if each.kind is Kind.ENVELOPE and not each.way and each.origin in held.wholes:
            yield each.origin


def _subject(test: ast.expr, outcome: bool) -> tuple[ast.expr, bool]:
    """What ``test`` asks about, and whether it is something where it came out so."""
    if isinstance(test, ast.Compare):
        _, condition, positive = condition_of(test)
        if condition is None or condition.kind != "none":
            return test, False
        return test.left, outcome is not positive
    return test, outcome
