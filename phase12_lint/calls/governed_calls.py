"""The governed calls of a program: every call that reaches the choke point's entry."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from phase12_lint.calls.reached import Callee, GovernedCall
from phase12_lint.calls.search import Search
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.program import Program

__all__ = ["Callee", "GovernedCall", "calls_in", "governed_calls"]


def governed_calls(program: Program) -> Mapping[ast.expr, GovernedCall]:
    """Every governed call outside tests by its node, in the order of the files; found once a program."""
    return program.once(_search)


def _search(program: Program) -> Mapping[ast.expr, GovernedCall]:
    return Search(program).run()


def calls_in(program: Program, scope: Scope) -> Iterator[GovernedCall]:
    """The governed calls that stand in ``scope`` or in a function nested in it."""
    for call in governed_calls(program).values():
        if scope in call.scope.chain():
            yield call
