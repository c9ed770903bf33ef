"""Which HTTP status an expression is: a number, a name of ``http`` or of a framework, or a text such as ``400 BAD``."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus

from phase12_lint.calls.outcomes import NOTHING_ASSUMED, Assumption, Leaf, leaves
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import External
from phase12_lint.values.frames import Frame
from phase12_lint.values.keys import VALUES, Which, which
from phase12_lint.values.program import Program

Statuses = frozenset[int | None]
OPEN: Statuses = frozenset({None})
_NAMED = re.compile(r"HTTP_(\d{3})(?:_|$)")
_LEADING = re.compile(r"\d{3}(?!\d)")
_OF_EXCEPTIONS = {
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "RequestTimeout": 408,
    "Conflict": 409,
    "Gone": 410,
    "PreconditionFailed": 412,
    "RequestEntityTooLarge": 413,
    "UnsupportedMediaType": 415,
    "UnprocessableEntity": 422,
    "TooManyRequests": 429,
    "InternalServerError": 500,
    "NotImplemented": 501,
    "BadGateway": 502,
    "ServiceUnavailable": 503,
    "GatewayTimeout": 504,
}


def statuses(
    program: Program,
    node: ast.expr,
    scope: Scope,
    frame: Frame | None,
    assumed: Assumption = NOTHING_ASSUMED,
) -> Statuses:
    """Every status that ``node`` may be under ``assumed``; None in it if it may be one that is not known."""
    found: set[int | None] = set()
    for leaf in leaves(program, Leaf(node, scope, frame), assumed=assumed):
        found |= _of_leaf(program, leaf)
    return frozenset(found) or OPEN


def of_exception(name: str) -> int | None:
    """The status that an exception class of a framework stands for by its name."""
    return _OF_EXCEPTIONS.get(name.removeprefix("HTTP"))


def _of_leaf(program: Program, leaf: Leaf) -> Statuses:
    node = leaf.node
    if leaf.path:
        return OPEN
    if isinstance(node, ast.Constant):
        return _of_constant(node.value)
    if isinstance(node, ast.Attribute):
        return _of_name(program, leaf, node)
    if isinstance(node, ast.Name):
        return _of_imported(program, leaf)
    if isinstance(node, ast.Call):
        return _of_call(program, leaf, node)
    if isinstance(node, ast.Subscript):
        return _under(
            program, leaf._replace(node=node.value), which(program, node.slice, leaf.scope, leaf.frame)
        )
    return OPEN


def _of_constant(value: object) -> Statuses:
    if isinstance(value, int):
        return frozenset({int(value)})
    if isinstance(value, str) and (found := _LEADING.match(value)):
        return frozenset({int(found[0])})
    return OPEN


def _of_name(program: Program, leaf: Leaf, node: ast.Attribute) -> Statuses:
    """``status.HTTP_400_BAD_REQUEST``, ``HTTPStatus.BAD_REQUEST`` and its ``.value``, ``codes.bad_request``."""
    if node.attr in ("value", "real") and isinstance(node.value, ast.Attribute):
        return _of_name(program, leaf, node.value)
    named = _NAMED.match(node.attr)
    if named:
        return frozenset({int(named[1])})
    known = HTTPStatus.__members__.get(node.attr.upper())
    return frozenset({int(known)}) if known is not None else OPEN


def _of_imported(program: Program, leaf: Leaf) -> Statuses:
    """``HTTP_400_BAD_REQUEST``, imported from a framework."""
    value = program.evaluate(leaf.node, leaf.scope, leaf.frame)
    named = [_NAMED.match(last_part(atom.name)) if isinstance(atom, External) else None for atom in value]
    return frozenset(int(each[1]) if each else None for each in named) or OPEN


def _of_call(program: Program, leaf: Leaf, node: ast.Call) -> Statuses:
    """``int(x)``, ``HTTPStatus(x)``, and ``TABLE.get(key, 500)``."""
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr == "get" and node.args:
        key = which(program, node.args[0], leaf.scope, leaf.frame)
        found = _under(program, leaf._replace(node=func.value), key)
        if len(node.args) == 1 or (key != VALUES and found):
            return found or OPEN
        return found | statuses(program, node.args[1], leaf.scope, leaf.frame)
    if len(node.args) == 1 and isinstance(func, ast.Name) and func.id in ("int", "HTTPStatus"):
        return statuses(program, node.args[0], leaf.scope, leaf.frame)
    return OPEN


def _under(program: Program, leaf: Leaf, key: Which) -> Statuses:
    """What a table that is written out has under ``key``, which may be any of its keys where it is not known."""
    found: set[int | None] = set()
    for each in leaves(program, leaf):
        if not isinstance(each.node, ast.Dict) or each.path:
            return OPEN
        for name, value in zip(each.node.keys, each.node.values, strict=True):
            if (
                name is None
                or VALUES in (key, said := which(program, name, each.scope, each.frame))
                or said == key
            ):
                found |= statuses(program, value, each.scope, each.frame)
    return frozenset(found)
