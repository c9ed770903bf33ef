"""The envelope in the place of what a ``return`` in a handler answers with (GOV304, GOV306)."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

import libcst as cst

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.calls.policy_calls import calls_one_of
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import handler_around, names_in, stores_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.errors_at_hand import built
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.inspect.nodes import written
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.carried import held_in
from phase12_lint.taint.domain import ERROR_KEY, Kind
from phase12_lint.values.atoms import Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

NO_RESULT = "{}"


def draft(found: Found) -> Draft:
    """The call of the envelope builder for the exception that is caught; beside it the result stays as it is."""
    fact = found.fact(Fact)
    statement, scope = fact.node, fact.scope
    if not isinstance(statement, ast.Return):
        raise NoFix("nothing is returned in the handler")
    change = Draft(found.module, "return the error envelope")
    value = statement.value
    handler = handler_around(scope, statement)
    if handler is None:
        return _set(change, found.program, value, scope)
    call = built(change, found.program, scope, statement)
    error, beside = _parts(found.program, value, scope, handler.name)
    if error is not None:
        demand(not _names(handler.name, beside), "the result contains the exception")
        change.change(error, written(call))
    else:
        pairs = [each for each in _returned(scope) if isinstance(each, ast.Tuple) and len(each.elts) == 2]
        new = f"{_no_result(scope, pairs)}, {call}" if pairs else call
        change.change(statement, partial(_returning, new))
    if value is not None:
        drop_unused(change, found.program, [value], [call])
    return change


def _set(change: Draft, program: Program, value: ast.expr | None, scope: Scope) -> Draft:
    """The same where handlers set the variable that is returned behind them."""
    error = value.elts[-1] if isinstance(value, ast.Tuple) and len(value.elts) == 2 else value
    stored = stores_of(scope, error.id) if isinstance(error, ast.Name) else []
    wrong = [
        each
        for each in dict.fromkeys(stored)
        if each is not None and handler_around(scope, each) and not _is_built(program, each, scope)
    ]
    demand(wrong, "no exception is caught here")
    calls = [built(change, program, scope, each) for each in wrong]
    for each, call in zip(wrong, calls):
        change.change(each, written(call))
    drop_unused(change, program, wrong, calls)
    return change


def _is_built(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether a call gives an envelope: of the builder, or of what builds one."""
    if not isinstance(node, ast.Call):
        return False
    if calls_one_of(program, node, scope, None, program.policy.error_envelope):
        return True
    return any(each.kind is Kind.ENVELOPE for each in held_in(program).of(node, scope))


def _parts(
    program: Program, value: ast.expr | None, scope: Scope, caught: str | None
) -> tuple[ast.expr | None, list[ast.expr]]:
    """The error in a pair, an object, or a dict with the keys of another that is returned, and what stands beside it.

    Raises ``NoFix`` where objects are returned, and ``value`` is none that is made there.
    """
    others = [each for each in _returned(scope) if each is not value]
    if isinstance(value, ast.Tuple):
        demand(len(value.elts) == 2, "more than a pair is returned")
        return value.elts[1], value.elts[:1]
    if isinstance(value, ast.Call) and _is_object(program, value, scope):
        given = {each.arg: each.value for each in value.keywords} | dict(enumerate(value.args))
        told = [each for each in given.values() if _names(caught, [each])]
        error = given.get(ERROR_KEY) or (told[0] if len(told) == 1 else None)
        demand(error is not None, "it is not known what the error of the object is")
        return error, [each for each in given.values() if each is not error]
    demand(
        not any(_is_object(program, each, scope) for each in others), "the function answers with an object"
    )
    items = _items(value)
    is_alike = any(_items(each).keys() == items.keys() for each in others)
    error = items.pop(ERROR_KEY, None) if is_alike else None
    return (error, [*items.values()]) if items else (None, [])


def _is_object(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is an object of a class of the program."""
    value = program.evaluate(node, scope)
    return any(isinstance(each, Instance) and isinstance(each.cls, ClassInfo) for each in value)


def _names(name: str | None, nodes: Iterable[ast.expr]) -> bool:
    """Whether ``name`` is read in one of ``nodes``."""
    return any(each.id == name for node in nodes for each in names_in(node))


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
