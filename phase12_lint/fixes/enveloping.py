"""The envelope in the place of what a ``return`` in a handler answers with (GOV304, GOV306)."""

from __future__ import annotations

import ast
from functools import partial

import libcst as cst

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import handler_around, names_in
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.errors_at_hand import built
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.inspect.nodes import written
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import Fact

NO_RESULT = "{}"


def draft(found: Found) -> Draft:
    """The call of the envelope builder for the exception that is caught; beside it the result stays as it is."""
    fact = found.fact(Fact)
    statement, scope = fact.node, fact.scope
    if not isinstance(statement, ast.Return):
        raise NoFix("nothing is returned in the handler")
    change = Draft(found.module, "return the error envelope")
    call = built(change, found.program, scope, statement)
    value = statement.value
    if isinstance(value, ast.Tuple):
        demand(len(value.elts) == 2, "more than a pair is returned")
        result, error = value.elts
        handler = handler_around(scope, statement)
        caught = handler.name if handler is not None else None
        demand(all(each.id != caught for each in names_in(result)), "the result contains the exception")
        change.change(error, written(call))
    else:
        pairs = [each for each in _returned(scope) if isinstance(each, ast.Tuple) and len(each.elts) == 2]
        new = f"{_no_result(scope, pairs)}, {call}" if pairs else call
        change.change(statement, partial(_returning, new))
    if value is not None:
        drop_unused(change, found.program, [value], [call])
    return change


def _returning(text: str, node: cst.Return) -> cst.Return:
    space = cst.SimpleWhitespace(" ") if node.value is None else node.whitespace_after_return
    return node.with_changes(value=cst.parse_expression(text), whitespace_after_return=space)


def _returned(scope: Scope) -> list[ast.expr]:
    values = [each.value for each in nodes_within(scope) if isinstance(each, ast.Return)]
    return [each for each in values if each is not None]


def _no_result(scope: Scope, pairs: list[ast.Tuple]) -> str:
    """What the function gives as a result elsewhere where there is none."""
    for pair in pairs:
        result = pair.elts[0]
        is_empty = isinstance(result, ast.Dict) and not result.keys
        if handler_around(scope, pair) is not None and (is_empty or isinstance(result, ast.Constant)):
            return ast.unparse(result)
    return NO_RESULT
