"""GOV604: the error object of an envelope in the place of the whole envelope."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from phase12_lint.facts.api_errors import InternalLeak
from phase12_lint.fixes.base import Found, demand
from phase12_lint.fixes.draft import Draft
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.carried import Held, held_in
from phase12_lint.taint.domain import ERROR_KEY, Kind
from phase12_lint.values.atoms import Function

SAFE = False
_VARIABLES = (ast.Name, ast.Attribute, ast.Subscript)


def draft(found: Found) -> Draft:
    """``error["error"]`` for each variable in the statement that is an envelope as it goes out."""
    fact = found.fact(InternalLeak)
    demand(fact.whole, "the internal part is read by its name")
    whole = list(_envelopes(held_in(found.program), fact.node, fact.scope))
    demand(whole, "the envelope is put together elsewhere")
    change = Draft(found.module, "answer with the error object alone")
    for node in whole:
        change.change(node, _error_of)
    return change


def _error_of(node: cst.BaseExpression) -> cst.Subscript:
    index = cst.SubscriptElement(cst.Index(cst.SimpleString(f'"{ERROR_KEY}"')))
    return cst.Subscript(node, [index])


def _envelopes(held: Held, node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """The variables in ``node`` that are envelopes, and of which no part is taken."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, _VARIABLES) and any(
            holding.kind is Kind.ENVELOPE and not holding.way for holding in held.of(each, scope)
        ):
            demand(isinstance(each.ctx, ast.Load), "the statement names the envelope anew")
            if not _is_read(held, each, scope):
                yield each
        else:
            yield from _envelopes(held, each, scope)


def _is_read(held: Held, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is only looked at there; raises ``NoFix`` where more than the answer needs all of it."""
    parent = scope.module.parents[node]
    if isinstance(parent, ast.keyword):
        parent = scope.module.parents[parent]
    spread = isinstance(parent, ast.Dict) and None in parent.keys
    demand(not spread and not isinstance(parent, ast.FormattedValue), "the envelope is spread or written out")
    called = held.program.evaluate(parent.func, scope) if isinstance(parent, ast.Call) else frozenset()
    demand(not any(isinstance(each, Function) for each in called), "a helper is given the envelope")
    return isinstance(parent, (*_VARIABLES, ast.Compare, ast.BoolOp)) or _is_tested(parent, node, scope)


def _is_tested(parent: ast.AST, node: ast.AST, scope: Scope) -> bool:
    """Whether ``node`` stands in a condition."""
    while isinstance(parent, (ast.expr, ast.comprehension)):
        if isinstance(parent, ast.IfExp) and parent.test is node:
            return True
        if isinstance(parent, ast.comprehension) and node in parent.ifs:
            return True
        parent, node = scope.module.parents[parent], parent
    return False
