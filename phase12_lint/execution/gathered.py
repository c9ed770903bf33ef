"""Calls whose exceptions come back as values: of the awaitables of ``gather(..., return_exceptions=True)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.exceptions import returns_exceptions

WRAPPING = {"create_task", "ensure_future"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


def gives_exceptions_back(call: ast.Call, scope: Scope) -> bool:
    """Whether what the awaitable that ``call`` makes raises is a value of the ``gather`` that it is given to."""
    pending: list[ast.AST] = [call]
    seen: set[ast.AST] = set()
    while pending:
        node = pending.pop()
        parent = scope.module.parents.get(node)
        if node in seen or parent is None:
            continue
        seen.add(node)
        if isinstance(parent, ast.Call) and node in parent.args and last_name(parent.func) == "gather":
            return returns_exceptions(parent)
        pending += _passed_on(node, parent, scope)
    return False


def _passed_on(node: ast.AST, parent: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """What holds the awaitable ``node`` next: its task, a display of several, the variable that it is kept in."""
    is_wrapped = isinstance(parent, ast.Call) and node in parent.args and last_name(parent.func) in WRAPPING
    if is_wrapped or isinstance(parent, (ast.Starred, ast.List, ast.Tuple, *_COMPREHENSIONS)):
        yield parent
    elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        loads = scope.module.loads.get(parent.targets[0].id, ())
        yield from (each for each in loads if scope.module.scopes.get(each) is scope)
