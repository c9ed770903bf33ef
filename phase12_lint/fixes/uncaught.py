"""A governed call out of the ``try`` or ``suppress`` around it, which goes if it holds nothing else (GOV301, GOV302).

Sure where the order of what happens is the same afterwards: the call comes first or last of what is tried. The
statements that stay under the handlers are caught as before; the call's own errors were never theirs to catch. What
comes after the call stays only under handlers for errors of a kind: one for all was there for the call, and goes where
the rest only answers.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, cast

import libcst as cst

from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.facts.catching import Catching
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.commas import last_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.fixes.suites import apart, below, block_of_lines, led, statements
from phase12_lint.inspect.changes import Change
from phase12_lint.inspect.comments import keeping
from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.program import Program

_WAITING = {"TimeoutError", "CancelledError"}
_OF_SUBSCRIPTS = {"KeyError", "IndexError", "LookupError"}
_HARMLESS = {"bool", "dict", "isinstance", "len", "list", "print", "repr", "str", "tuple", "type"}


def draft(found: Found) -> Draft:
    """The governed calls of a ``try`` before or after it, or in no ``try`` at all."""
    fact = found.fact(Catching)
    node = cast(Any, fact.node)
    first, last = _governed(found.program, node)
    if not fact.broad:
        _demand_for_the_call(found.program, node, node.body[first : last + 1])
    is_with = isinstance(node, (ast.With, ast.AsyncWith))
    at_end = last == len(node.body) - 1
    only_answers = fact.broad and not is_with and not node.finalbody
    if first == 0 and (at_end or (only_answers and _is_plain(node.body[last + 1 :], node.handlers))):
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
    demand(len(inside) == inside[-1] - inside[0] + 1, "other statements stand between the calls")
    return inside[0], inside[-1]


def _demand_for_the_call(program: Program, node: Any, statements: Sequence[ast.stmt]) -> None:
    """Raises ``NoFix`` if what is caught by kind may be for something else in ``statements``, which hold the call."""
    calls = governed_calls(program)
    kinds: set[str | None] = {
        last_name(kind) for caught in _caught(node) for kind in ast.walk(caught) if isinstance(kind, ast.expr)
    }
    for each in (inner for statement in statements for inner in ast.walk(statement)):
        is_other = isinstance(each, ast.Call) and each not in calls and last_name(each.func) not in _HARMLESS
        demand(not is_other, "what is caught may be raised by another call")
        is_looked_up = isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Load)
        demand(not is_looked_up or not kinds & _OF_SUBSCRIPTS, "what is caught may be raised by a subscript")


def _is_plain(rest: Sequence[ast.stmt], handlers: Sequence[ast.ExceptHandler]) -> bool:
    """Whether the ``rest`` of what is tried only answers, and raises what a handler lets pass: none is for it."""
    passing = [each.type for each in handlers if _only_raises(each) and each.type is not None]
    passed = {last_name(kind) for each in passing for kind in getattr(each, "elts", [each])}
    inside = [each for statement in rest for each in ast.walk(statement)]
    raised = [each.exc for each in inside if isinstance(each, ast.Raise)]
    made = [last_name(getattr(each, "func", each)) if each is not None else None for each in raised]
    called = [last_name(each.func) or "" for each in inside if isinstance(each, ast.Call)]
    harmless = _HARMLESS.union(map(str, passed))
    return passed.issuperset(made) and all(each in harmless or each.endswith("Response") for each in called)


def _only_raises(handler: ast.ExceptHandler) -> bool:
    [first, *others] = handler.body
    return isinstance(first, ast.Raise) and first.exc is None and not others


def _caught(node: Any) -> list[ast.expr]:
    """What names the kinds that are caught."""
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [each.context_expr for each in node.items]
    return [each.type for each in node.handlers if each.type is not None]


def _is_of_waiting(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what ``wait_for`` and the like raise, and nothing else."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(kind is not None and last_name(kind) in _WAITING for kind in kinds)


def _unwrapped(node: cst.Try | cst.TryStar) -> Any:
    """What is tried, without handlers; what always follows still follows."""
    after = led(node.orelse, statements(node.orelse.body)) if node.orelse is not None else []
    body = [*statements(node.body), *after]
    if node.finalbody is not None:
        block = block_of_lines(node.body).with_changes(body=body)
        return cst.Try(block, finalbody=node.finalbody, leading_lines=node.leading_lines)
    return cst.FlattenSentinel(led(node, body))


def _call_first(number: int) -> Change:
    """The first statements of the body in front of the statement."""

    def moved(node: Any) -> Any:
        body = apart(node.body)
        rest = node.with_changes(
            body=block_of_lines(node.body).with_changes(body=body[number:]), leading_lines=[]
        )
        return cst.FlattenSentinel([*below(node.leading_lines, body[:number]), rest])

    return moved


def _call_last(number: int) -> Change:
    """The statements of the body from there on in the ``else``, which comes only where nothing was caught."""

    def moved(node: cst.Try | cst.TryStar) -> cst.Try | cst.TryStar:
        body = apart(node.body)
        after = led(node.orelse, statements(node.orelse.body)) if node.orelse is not None else []
        block = block_of_lines(node.body)
        orelse = cst.Else(cst.IndentedBlock([*body[number:], *after], indent=block.indent))
        return node.with_changes(body=block.with_changes(body=body[:number], footer=[]), orelse=orelse)

    return moved


def _without_suppress(node: cst.With) -> Any:
    """The body, under what else is entered."""
    kept = [each for each in node.items if not _is_suppress(each.item)]
    if len(kept) == len(node.items):
        raise NoFix("it is entered otherwise")
    if kept:
        last, rpar = last_of(kept, node.items[-1].comma, node.rpar)
        return keeping(node, node.with_changes(items=[*kept[:-1], last], rpar=rpar))
    return cst.FlattenSentinel(led(node, statements(node.body)))


def _is_suppress(node: cst.BaseExpression) -> bool:
    name = node.func if isinstance(node, cst.Call) else node
    name = name.attr if isinstance(name, cst.Attribute) else name
    return isinstance(name, cst.Name) and name.value == "suppress"
