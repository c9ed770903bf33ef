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
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.domain import ERROR_KEY
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
    error, beside = _parts(value, scope)
    if error is not None:
        handler = handler_around(scope, statement)
        caught = handler.name if handler is not None else None
        names = [name.id for each in beside for name in names_in(each)]
        demand(caught not in names, "the result contains the exception")
        change.change(error, written(call))
    else:
        pairs = [each for each in _returned(scope) if isinstance(each, ast.Tuple) and len(each.elts) == 2]
        new = f"{_no_result(scope, pairs)}, {call}" if pairs else call
        change.change(statement, partial(_returning, new))
    if value is not None:
        drop_unused(change, found.program, [value], [call])
    return change


def _parts(value: ast.expr | None, scope: Scope) -> tuple[ast.expr | None, list[ast.expr]]:
    """The error in a pair, or in a dict with the keys of another that is returned, and what stands beside it."""
    if isinstance(value, ast.Tuple):
        demand(len(value.elts) == 2, "more than a pair is returned")
        return value.elts[1], value.elts[:1]
    items = _items(value)
    others = [_items(each) for each in _returned(scope) if each is not value]
    error = items.pop(ERROR_KEY, None) if any(each.keys() == items.keys() for each in others) else None
    return (error, [*items.values()]) if items else (None, [])


def _items(node: ast.expr | None) -> dict[object, ast.expr]:
    """The items of a dict that is written out."""
    if isinstance(node, ast.Dict):
        return {
            each.value: value for each, value in zip(node.keys, node.values) if isinstance(each, ast.Constant)
        }
    if isinstance(node, ast.Call) and last_name(node.func) == "dict":
        return {each.arg: each.value for each in node.keywords}
    return {}


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
