"""Conditions: the one name that a test is about, and what it asks of it; and what a loop may set."""

from __future__ import annotations

import ast

from phase12_lint.syntax.nodes import children
from phase12_lint.syntax.scopes import Test, dotted

MATCHING = ("match", "fullmatch", "search")
"""What asks whether a text matches an expression, which is the first argument or what the method is called on."""


def condition_of(test: ast.expr) -> tuple[ast.expr | None, Test | None, bool]:
    """The expression that a condition is about, what it asks, and the outcome that it has when true."""
    if isinstance(test, ast.NamedExpr):
        return test.target, Test("true", None), True
    if isinstance(test, (ast.Name, ast.Attribute)):
        return test, Test("true", None), True
    if isinstance(test, ast.Call) and test.args:
        function = dotted(test.func)
        if isinstance(test.func, ast.Attribute) and test.func.attr in ("startswith", "endswith"):
            return test.func.value, Test("text", test), True
        if isinstance(test.func, ast.Attribute) and test.func.attr in MATCHING:
            return test.args[-1 if dotted(test.func.value) == "re" else 0], Test("text", test), True
        subject = test.args[0].target if isinstance(test.args[0], ast.NamedExpr) else test.args[0]
        if function in ("isinstance", "builtins.isinstance") and len(test.args) == 2:
            return subject, Test("isinstance", test.args[1]), True
        return subject, Test("guard", test), True
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _comparison(test)
    return None, None, True


def _comparison(test: ast.Compare) -> tuple[ast.expr | None, Test | None, bool]:
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, (ast.In, ast.NotIn)):
        return left, Test("member", right), isinstance(operator, ast.In)
    positive = isinstance(operator, (ast.Is, ast.Eq))
    if not positive and not isinstance(operator, (ast.IsNot, ast.NotEq)):
        return None, None, True
    if isinstance(left, ast.NamedExpr):
        left = left.target
    if isinstance(right, ast.Constant) and right.value is None:
        return left, Test("none", None), positive
    if isinstance(left, ast.Call) and dotted(left.func) == "type" and len(left.args) == 1:
        return left.args[0], Test("type", right), positive
    if isinstance(left, ast.Attribute) and left.attr == "__class__":
        return left.value, Test("type", right), positive
    if isinstance(operator, (ast.Is, ast.IsNot)) and not isinstance(right, ast.Attribute):
        return None, None, True
    if isinstance(left, ast.Constant):
        left, right = right, left
    is_number = isinstance(right, ast.Constant) and not isinstance(right.value, str)
    return (None, None, True) if is_number else (left, Test("equals", right), positive)


def stored_names(loop: ast.For | ast.AsyncFor | ast.While) -> set[str]:
    """Names and chains that a loop may set, nested scopes apart."""
    names: set[str] = set()
    stack: list[ast.AST] = [*loop.body, *([loop.test] if isinstance(loop, ast.While) else [loop.target])]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            name = dotted(node)
            if name:
                names.add(name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            names.add(node.name)
        stack.extend(children(node))
    return names
