"""What an ``__exit__`` swallows, by what it returns."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.handlers import EVERYTHING, Catch, Caught

_TESTS = {"isinstance", "issubclass"}


def may_swallow(leaving: Scope) -> bool:
    """Whether the ``__exit__`` ``leaving`` may return something true."""
    returned = leaving.module.bound(leaving).returns
    return any(not (isinstance(node, ast.Constant) and not node.value) for node in returned)


def swallowed_by(leaving: Scope) -> Caught:
    """What the ``__exit__`` ``leaving`` surely swallows: nothing where what it returns has to be known for that."""
    returned = leaving.module.bound(leaving).returns
    if not any(map(_is_true, returned)) and not any(map(_is_test, returned)):
        return (Catch.NOTHING, Catch.NOTHING)
    body = getattr(leaving.node, "body", ())
    ends_so = body and isinstance(body[-1], ast.Return) and all(map(_is_true, returned))
    return EVERYTHING if ends_so else (Catch.SOME, Catch.SOME)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _is_test(node: ast.expr) -> bool:
    """Whether ``node`` asks which exception it is."""
    if isinstance(node, ast.BoolOp):
        return any(map(_is_test, node.values))
    if isinstance(node, ast.Compare):
        none = [isinstance(each, ast.Constant) and each.value is None for each in node.comparators]
        return not (any(none) and isinstance(node.ops[0], (ast.Is, ast.Eq)))
    return isinstance(node, ast.Call) and last_name(node.func) in _TESTS
