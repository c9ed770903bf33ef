"""A governed call out of the ``try`` or ``suppress`` around it, which goes if it holds nothing else (GOV301, GOV302).

Sure where the order of what happens is the same afterwards: the call comes first or last of what is tried. The
statements that stay under the handlers are caught as before; the call's own errors were never theirs to catch. What
comes after the call stays only under handlers for errors of a kind: one for all was there for the call.
"""

from __future__ import annotations

import ast
from typing import Any, cast

import libcst as cst

from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.facts.catching import Catching
from phase12_lint.fixes.base import Found, NoFix
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.inspect.changes import Change
from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.program import Program

_WAITING = {"TimeoutError", "CancelledError"}


def draft(found: Found) -> Draft:
    """The governed calls of a ``try`` before or after it, or in no ``try`` at all."""
    fact = found.fact(Catching)
    node = cast(Any, fact.node)
    first, last = _governed(found.program, node)
    is_with = isinstance(node, (ast.With, ast.AsyncWith))
    at_end = last == len(node.body) - 1
    if first == 0 and at_end:
        how: Change = _without_suppress if is_with else _unwrapped
    elif first == 0 and not fact.broad and not getattr(node, "finalbody", ()):
        how = _call_first(last + 1)
    elif at_end and not is_with:
        how = _call_last(first)
    else:
        raise NoFix("what is tried cannot be told apart")
    if is_with and how is not _without_suppress and len(node.items) > 1:
        raise NoFix("other contexts are entered")
    if not is_with and all(map(_is_of_waiting, node.handlers)):
        raise NoFix("what is caught is what waits for the call")
    change = Draft(found.module, f"take {fact.how} away from `{fact.called}`").change(node, how)
    if how is _unwrapped:
        drop_unused(change, found.program, node.handlers, ())
    elif how is _without_suppress:
        managers = [each.context_expr for each in node.items]
        drop_unused(
            change,
            found.program,
            [e.func for e in managers if isinstance(e, ast.Call) and last_name(e.func) == "suppress"],
            (),
        )
    return change


def _governed(program: Program, node: Any) -> tuple[int, int]:
    """The first and the last of the statements in the body of ``node`` that make governed calls."""
    calls = governed_calls(program)
    inside = [
        number
        for number, statement in enumerate(node.body)
        if any(isinstance(each, ast.expr) and each in calls for each in ast.walk(statement))
    ]
    if not inside:
        raise NoFix("the call is made elsewhere")
    return inside[0], inside[-1]


def _is_of_waiting(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what ``wait_for`` and the like raise, and nothing else."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(kind is not None and last_name(kind) in _WAITING for kind in kinds)


def _unwrapped(node: cst.Try | cst.TryStar) -> Any:
    """What is tried, without handlers; what always follows still follows."""
    after = _statements(node.orelse.body) if node.orelse is not None else []
    body = [*_statements(node.body), *after]
    if node.finalbody is not None:
        block = _block(node.body).with_changes(body=body)
        return cst.Try(block, finalbody=node.finalbody, leading_lines=node.leading_lines)
    return cst.FlattenSentinel(_led(node, body))


def _call_first(number: int) -> Change:
    """The first statements of the body in front of the statement."""

    def moved(node: Any) -> Any:
        body = _statements(node.body)
        rest = node.with_changes(body=_block(node.body).with_changes(body=body[number:]), leading_lines=[])
        return cst.FlattenSentinel([*_led(node, body[:number]), rest])

    return moved


def _call_last(number: int) -> Change:
    """The statements of the body from there on in the ``else``, which comes only where nothing was caught."""

    def moved(node: cst.Try | cst.TryStar) -> cst.Try | cst.TryStar:
        body = _statements(node.body)
        after = _statements(node.orelse.body) if node.orelse is not None else []
        block = _block(node.body)
        orelse = cst.Else(cst.IndentedBlock([*body[number:], *after], indent=block.indent))
        return node.with_changes(body=block.with_changes(body=body[:number], footer=[]), orelse=orelse)

    return moved


def _without_suppress(node: cst.With) -> Any:
    """The body, under what else is entered."""
    kept = [each for each in node.items if not _is_suppress(each.item)]
    if len(kept) == len(node.items):
        raise NoFix("it is entered otherwise")
    if kept:
        return node.with_changes(items=[*kept[:-1], kept[-1].with_changes(comma=node.items[-1].comma)])
    return cst.FlattenSentinel(_led(node, _statements(node.body)))


def _is_suppress(node: cst.BaseExpression) -> bool:
    name = node.func if isinstance(node, cst.Call) else node
    name = name.attr if isinstance(name, cst.Attribute) else name
    return isinstance(name, cst.Name) and name.value == "suppress"


def _led(node: Any, body: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """``body``, with the comments above and beside the head of ``node`` above it."""
    first: Any = body[0]
    head = getattr(node.body, "header", None)
    beside = [cst.EmptyLine(comment=head.comment)] if head is not None and head.comment else []
    lines = [*node.leading_lines, *beside, *first.leading_lines]
    return [first.with_changes(leading_lines=lines), *body[1:]]


def _block(body: cst.BaseSuite) -> cst.IndentedBlock:
    """``body`` as a block of lines."""
    return body if isinstance(body, cst.IndentedBlock) else cst.IndentedBlock(_statements(body))


def _statements(body: cst.BaseSuite) -> list[cst.BaseStatement]:
    """The statements of a suite, also of one on the line of its head; comments at its end come before its last."""
    if isinstance(body, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(body.body, trailing_whitespace=body.trailing_whitespace)]
    assert isinstance(body, cst.IndentedBlock)
    *others, last = body.body
    comments = [line for line in body.footer if line.comment is not None]
    return [*others, cast(Any, last).with_changes(leading_lines=[*cast(Any, last).leading_lines, *comments])]
