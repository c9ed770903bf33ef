"""What has run, and what has been tested, wherever a node is reached."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile

from phase12_lint.syntax.patterns import is_told_by_tests, tests_of
from phase12_lint.syntax.scopes import Scope

_BLOCKS = ("body", "orelse", "finalbody")
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def earlier(scope: Scope, node: ast.AST, within: ast.AST | None) -> Iterator[ast.stmt]:
    """The statements that stand before the one with ``node`` in its block or one around it, the last one first; only
    those in ``within``, if that is not None.
    """
    parents = scope.module.parents
    current = node
    while current is not scope.node and current is not within and current in parents:
        parent = parents[current]
        for name in _BLOCKS:
            block = getattr(parent, name, None)
            if isinstance(block, list) and current in block:
                for statement in reversed(block[: block.index(current)]):
                    yield from straight(statement)
        current = parent


def straight(statement: ast.stmt) -> Iterator[ast.stmt]:
    """What in ``statement`` always runs, the last first, and itself."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        for inner in reversed(statement.body):
            yield from straight(inner)
    yield statement


def known_tests(scope: Scope, node: ast.AST, within: ast.AST | None) -> Iterator[tuple[ast.expr, bool]]:
    """The tests whose outcome is known wherever ``node`` is reached, each with it; only those in ``within``."""
    parents = scope.module.parents
    current: ast.AST = node
    while current is not scope.node and current is not within and current in parents:
        parent = parents[current]
        if isinstance(parent, ast.If) and current is not parent.test:
            yield parent.test, current in parent.body
        elif isinstance(parent, ast.IfExp) and current is not parent.test:
            yield parent.test, current is parent.body
        elif isinstance(parent, ast.Match) and isinstance(current, ast.match_case):
            yield from ((test, True) for test in tests_of(parent.subject, current.pattern))
            for case in parent.cases[: parent.cases.index(current)]:
                yield from _missed(parent, case)
        current = parent
    for before in earlier(scope, node, within):
        if isinstance(before, ast.If) and not before.orelse and isinstance(before.body[-1], _LEAVING):
            yield before.test, False
        elif isinstance(before, ast.Match):
            for case in takewhile(lambda each: isinstance(each.body[-1], _LEAVING), before.cases):
                yield from _missed(before, case)


def _missed(match: ast.Match, case: ast.match_case) -> Iterator[tuple[ast.expr, bool]]:
    """What is known of the subject of ``match`` where it has not matched ``case``."""
    tests = list(tests_of(match.subject, case.pattern))
    if case.guard is None and len(tests) == 1 and is_told_by_tests(match.subject, case.pattern):
        yield tests[0], False


def parts_of(test: ast.expr, outcome: bool) -> Iterator[tuple[ast.expr, bool]]:
    """What is known of the parts of ``test`` where it came out as ``outcome``: how each of them did."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from parts_of(test.operand, not outcome)
    elif not isinstance(test, ast.BoolOp):
        yield test, outcome
    elif isinstance(test.op, ast.And) is outcome:
        for value in test.values:
            yield from parts_of(value, outcome)
