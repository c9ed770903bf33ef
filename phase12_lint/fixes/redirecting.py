"""Another call in the place of one, with the ``await`` that it needs."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import libcst as cst

from phase12_lint.facts.crossings import Crossing
from phase12_lint.fixes.at_hand import Due, due_call, parameters_of
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.commas import comma_within
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.atoms import Function
from phase12_lint.values.program import Program


def crossing(found: Found) -> Draft:
    """The next layer in the place of the one that is called (GOV501, GOV505)."""
    fact = found.fact(Crossing)
    call = fact.node
    if not isinstance(call, ast.Call) or not isinstance(call.func, (ast.Attribute, ast.Name)):
        raise NoFix("it is not called by a name")
    scope = found.module.scopes.get(
        call, fact.scope
    )  # of a default or a decorator not the function that is called
    awaited = isinstance(found.module.parents[call], ast.Await)
    due = due_call(found.program, scope, fact.source, call, awaited, last_name(call.func) or "")
    taken = _parameters(found.program, call, scope)
    demand(_agree(taken, parameters_of(due.method), call), "the next layer takes something else")
    change = Draft(found.module, f"call `{due.written}`")
    drop_unused(change, found.program, [call.func], [due.written])
    return redirected(change, found.program, call, scope, due)


def redirected(
    change: Draft, program: Program, call: ast.Call, scope: Scope, due: Due, first: Sequence[ast.expr] = ()
) -> Draft:
    """``due`` called in the place of ``call``, given ``first`` before what was given."""
    parent = scope.module.parents[call]
    awaited = isinstance(parent, ast.Await)
    nearest = next((each for each in scope.chain() if each.kind != "class"), scope)
    is_handed_on = due.is_async and not awaited and _gives_coroutine(program, call, scope)
    awaits = due.is_async and not awaited and not is_handed_on
    demand(not awaits or isinstance(nearest.node, ast.AsyncFunctionDef), "nothing can be awaited here")
    named = [cst.Arg(cst.parse_expression(change.text_of(each))) for each in first]

    def called(node: cst.Call) -> cst.Call:
        before = [each.with_changes(comma=comma_within(node)) if node.args else each for each in named]
        return node.with_changes(func=cst.parse_expression(due.written), args=[*before, *node.args])

    if awaits:
        tight = _is_tight(parent, call)
        return change.change(call, lambda node: _await(called(node), tight))
    if awaited and not due.is_async:
        change.change(parent, _bare)
    return change.change(call, called)


def _gives_coroutine(program: Program, call: ast.Call, scope: Scope) -> bool:
    """Whether ``call`` itself gives what is to be awaited: where it is not, it is handed on."""
    called = [each.scope.node for each in program.evaluate(call.func, scope) if isinstance(each, Function)]
    kinds = {isinstance(each, ast.AsyncFunctionDef) for each in called}
    demand(len(kinds) == 1, "it is not known whether the call is to be awaited")
    return kinds.pop()


def _is_tight(parent: ast.AST, call: ast.Call) -> bool:
    """Whether ``await`` would bind weaker there than the call does."""
    if isinstance(parent, (ast.Attribute, ast.Subscript)):
        return parent.value is call
    return isinstance(parent, (ast.Call, ast.Await)) and getattr(parent, "func", None) is call


def _await(call: cst.Call, tight: bool) -> cst.Await:
    lpar, rpar = (cst.LeftParen(),), (cst.RightParen(),)
    return cst.Await(call, lpar=lpar, rpar=rpar) if tight else cst.Await(call)


def _bare(node: cst.Await) -> Any:
    inner = node.expression
    return inner.with_changes(lpar=[*node.lpar, *inner.lpar], rpar=[*inner.rpar, *node.rpar])


def _parameters(program: Program, call: ast.Call, scope: Scope) -> list[str] | None:
    """The parameters of what ``call`` calls; None if that is not known."""
    found = {
        tuple(parameters_of(each.scope))
        for each in program.evaluate(call.func, scope)
        if isinstance(each, Function)
    }
    return list(found.pop()) if len(found) == 1 else None


def _agree(taken: Sequence[str] | None, due: Sequence[str], call: ast.Call) -> bool:
    """Whether what ``call`` gives by position means the same to both."""
    number = len(call.args)
    return taken is not None and list(taken[:number]) == list(due[:number])
