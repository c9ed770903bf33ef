"""Which errors are known to be there where a statement stands: what the conditions around and before it have tested."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.governance.held import Held
from phase12_lint.governance.holdings import Kind
from phase12_lint.governance.leaves import Assumption
from phase12_lint.governance.removals import earlier
from phase12_lint.survey.conditions import condition_of
from phase12_lint.survey.frames import Frame
from phase12_lint.survey.scopes import Scope

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def errors_at(held: Held, statement: ast.stmt, scope: Scope, frame: Frame | None) -> Iterator[ast.AST]:
    """The governed calls that have failed wherever ``statement`` is reached."""
    parents = scope.module.parents
    node: ast.AST = statement
    while node is not scope.node and node in parents:
        parent = parents[node]
        if isinstance(parent, ast.If) and node is not parent.test:
            yield from _tested(held, parent.test, node in parent.body, scope, frame)
        node = parent
    for before in earlier(scope, statement):
        if isinstance(before, ast.If) and not before.orelse and isinstance(before.body[-1], _LEAVING):
            yield from _tested(held, before.test, False, scope, frame)


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
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _tested(held, test.operand, not outcome, scope, frame)
        return
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is outcome:
            for value in test.values:
                yield from _tested(held, value, outcome, scope, frame)
        return
    subject, is_there = _subject(test, outcome)
    if is_there:
        for each in held.of(subject, scope, frame):
            if each.kind is Kind.ENVELOPE and not each.way:
                yield each.origin


def _subject(test: ast.expr, outcome: bool) -> tuple[ast.expr, bool]:
    """What ``test`` asks about, and whether it is something where it came out so."""
    if isinstance(test, ast.Compare):
        _, condition, positive = condition_of(test)
        if condition is None or condition.kind != "none":
            return test, False
        return test.left, outcome is not positive
    return test, outcome
