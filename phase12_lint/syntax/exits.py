"""What an ``__exit__`` is told of an exception, and whether it may swallow that."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Param, Scope, last_name

EXITS = {"__exit__", "__aexit__"}
TESTS = {"isinstance", "issubclass"}
_EXCEPTION = 2  # behind the object itself and the class of the exception


def given_to_exit(leaving: Scope) -> set[str]:
    """The names of what the ``__exit__`` ``leaving`` is told of an exception; each is None where there is none."""
    params = leaving.module.bound(leaving).params[1:]
    return {param.node.arg for param in params if param.kind == "positional"}


def may_swallow(leaving: Scope) -> bool:
    """Whether the ``__exit__`` ``leaving`` returns something true, or what a test of the exception gives."""
    returned = leaving.module.bound(leaving).returns
    return any(_is_true(each) or _is_test(each) for each in returned)


def is_swallowed(param: Param) -> bool:
    """Whether ``param`` is an exception that an ``__exit__`` may swallow."""
    is_exception = param.scope.name in EXITS and param.index == _EXCEPTION and param.kind == "positional"
    return is_exception and may_swallow(param.scope)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _is_test(node: ast.expr) -> bool:
    """Whether ``node`` asks which exception it is."""
    if isinstance(node, ast.BoolOp):
        return any(map(_is_test, node.values))
    if isinstance(node, ast.Compare):
        none = [isinstance(each, ast.Constant) and each.value is None for each in node.comparators]
        return not (any(none) and isinstance(node.ops[0], (ast.Is, ast.Eq)))
    return isinstance(node, ast.Call) and last_name(node.func) in TESTS
