"""What an ``__exit__`` swallows, by what it returns."""

from __future__ import annotations

import ast

from phase12_lint.execution.steps import BASE, NEXT
from phase12_lint.syntax.conditions import condition_of
from phase12_lint.syntax.exits import TESTS, given_to_exit
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.handlers import Catch, caught_by
from phase12_lint.values.program import Program


def known_in(program: Program, leaving: Scope, way: str) -> dict[ast.expr, bool]:
    """How the tests in the ``__exit__`` ``leaving`` come out by what it is given: nothing (``way`` is ``next``), an
    ``Exception`` (``error``) or what is a ``BaseException`` only (``base``).
    """
    given = given_to_exit(leaving)
    found: dict[ast.expr, bool] = {}
    for node in ast.walk(leaving.node):
        if isinstance(node, ast.Name) and node.id in given:
            found[node] = way != NEXT
        elif isinstance(node, ast.Compare) and getattr(node.left, "id", "") in given:
            _, condition, positive = condition_of(node)
            if condition is not None and condition.kind == "none":
                found[node] = (way == NEXT) is positive
        elif isinstance(node, ast.Call) and last_name(node.func) in TESTS and len(node.args) == 2:
            asked = getattr(node.args[0], "id", "") in given
            outcome = _is_one_of(program, node.args[1], leaving, way) if asked else None
            found |= {node: outcome} if outcome is not None else {}
    return found


def _is_one_of(program: Program, classes: ast.expr, scope: Scope, way: str) -> bool | None:
    """Whether what comes by ``way`` is of ``classes``; None if that depends."""
    if way == NEXT:
        return False
    caught = caught_by(program, classes, scope, None)[way == BASE]
    return None if caught is Catch.SOME else caught is Catch.ALL
