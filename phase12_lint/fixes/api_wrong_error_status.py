"""GOV602: the error leaves with status 400."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus

import libcst as cst

from phase12_lint.facts.api_errors import WrongStatus
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.commas import comma_within, with_comment_of, without_comment
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused, importing
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.carried import held_in
from phase12_lint.taint.domain import Kind
from phase12_lint.taint.guards import errors_at
from phase12_lint.taint.statuses import statuses
from phase12_lint.values.atoms import External
from phase12_lint.values.program import Program

SAFE = False
RIGHT = "400"
_STATUSES = (ast.Constant, ast.Attribute, ast.Name)
_SUCCESS = 200


def draft(found: Found) -> Draft:
    """400 where the statement says another status; where it says none, as the framework is told one."""
    fact = found.fact(WrongStatus)
    statement, scope = fact.node, fact.scope
    change = Draft(found.module, f"answer with status {RIGHT}")
    written = list(_written(found.program, statement, fact.status, scope))
    if written:
        is_one = len(written) == 1 and not isinstance(found.module.parents[written[0]], ast.IfExp)
        demand(is_one, "several statuses are written")
        if isinstance(written[0], ast.Name):
            drop_unused(change, found.program, written, ())
        return change.change(written[0], _right)
    value = statement.value if isinstance(statement, ast.Return) else None
    if value is None or fact.status != _SUCCESS:
        raise NoFix("the status is said elsewhere")
    held = held_in(found.program)
    is_failed = isinstance(statement, ast.stmt) and any(True for _ in errors_at(held, statement, scope, None))
    has_result = any(each.kind is Kind.RESULT for each in held.of(value, scope))
    demand(is_failed and not has_result, "a success is answered there as well")
    return _told(found, change, statement, value, scope, fact.plain)


def _right(node: cst.BaseExpression) -> cst.BaseExpression:
    """The right status, spelled as the wrong one is."""
    if not isinstance(node, cst.Attribute):
        return cst.Integer(RIGHT)
    if node.attr.value.startswith("HTTP_"):
        return node.with_changes(attr=cst.Name("HTTP_400_BAD_REQUEST"))
    if node.attr.value in HTTPStatus.__members__:
        return node.with_changes(attr=cst.Name(HTTPStatus.BAD_REQUEST.name))
    return cst.Integer(RIGHT)


def _written(program: Program, node: ast.AST, status: int, scope: Scope) -> Iterator[ast.expr]:
    """The expressions in ``node`` that write ``status`` out, outermost first."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.Constant):
            is_number = type(each.value) is int and each.value == status
        else:
            is_number = isinstance(each, ast.Attribute) or _is_imported(program, each, scope)
        if is_number and isinstance(each, _STATUSES) and statuses(program, each, scope, None) == {status}:
            yield each
        else:
            yield from _written(program, each, status, scope)


def _is_imported(program: Program, node: ast.AST, scope: Scope) -> bool:
    """Whether ``node`` is the name of something outside the program."""
    value = program.evaluate(node, scope) if isinstance(node, ast.Name) else ()
    return any(isinstance(each, External) for each in value)


def _told(
    found: Found, change: Draft, statement: ast.AST, value: ast.expr, scope: Scope, plain: bool
) -> Draft:
    """The status, where the answer says none."""
    names = {alias.name.partition(".")[0] for each, _ in scope.module.imports for alias in each.names}
    modules = {
        (each.module or "").partition(".")[0]
        for each, _ in scope.module.imports
        if isinstance(each, ast.ImportFrom)
    }
    frameworks = {"fastapi", "flask"} & (names | modules)
    demand(len(frameworks) == 1, "the framework is not known")
    if "flask" in frameworks:
        demand(not isinstance(value, ast.Tuple), "the status is said elsewhere")
        return change.change(
            value, lambda node: cst.parse_expression("x, 400").with_changes(elements=_with_status(node))
        )
    if not plain:
        demand(
            isinstance(value, ast.Call) and _is_response(found.program, value, scope),
            "the response is another one",
        )
        return change.change(value, _with_keyword)
    raised = importing(change, "fastapi", "HTTPException", scope)
    return change.change(statement, partial(_raising, raised))


def _is_response(program: Program, value: ast.expr, scope: Scope) -> bool:
    """Whether ``value`` makes a response of the framework, whose content alone is given by position."""
    if not isinstance(value, ast.Call) or len(value.args) > 1 or any(k.arg is None for k in value.keywords):
        return False
    made = program.evaluate(value.func, scope)
    return bool(made) and all(
        isinstance(each, External) and each.name.endswith("JSONResponse") for each in made
    )


def _with_keyword(node: cst.Call) -> cst.Call:
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    added = cst.Arg(cst.Integer(RIGHT), keyword=cst.Name("status_code"), equal=equal)
    if not node.args:
        return node.with_changes(args=[added])
    *others, last = node.args
    behind = (
        last.comma
        if isinstance(last.comma, cst.Comma)
        else cst.Comma(whitespace_after=last.whitespace_after_arg)
    )
    first = last.with_changes(
        comma=with_comment_of(comma_within(node), behind), whitespace_after_arg=cst.SimpleWhitespace("")
    )
    is_last = behind is not last.comma
    added = added.with_changes(
        comma=without_comment(last.comma),
        whitespace_after_arg=without_comment(behind).whitespace_after
        if is_last
        else last.whitespace_after_arg,
    )
    return node.with_changes(args=[*others, first, added])


def _with_status(node: cst.BaseExpression) -> list[cst.Element]:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [cst.Element(node, comma=comma), cst.Element(cst.Integer(RIGHT))]


def _raising(raised: str, node: cst.Return) -> cst.Raise:
    assert node.value is not None
    call = cst.parse_expression(f"{raised}(status_code={RIGHT}, detail=x)")
    assert isinstance(call, cst.Call)
    status, detail = call.args
    return cst.Raise(
        call.with_changes(args=[status, detail.with_changes(value=node.value)]), semicolon=node.semicolon
    )
