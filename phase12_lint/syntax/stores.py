"""What a target is stored from, as it is written."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Path, Scope, Step, last_name

_ASKING = {"get", "pop", "getattr", "next"}


def source_of(scope: Scope, target: ast.expr) -> tuple[ast.expr, Path] | None:
    """The expression that ``target`` is stored from and the way out of it; None where nothing flows."""
    parents = scope.module.parents
    steps: list[Step] = []
    node: ast.AST = target
    while True:
        parent = parents[node]
        if isinstance(parent, ast.Starred):
            node = parent
            continue
        if isinstance(parent, (ast.Tuple, ast.List)) and isinstance(parent.ctx, ast.Store):
            steps += reversed(_steps(parent.elts, node))
            node = parent
            continue
        break
    path = tuple(reversed(steps))
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and node is not parent.value:
        return _paired(parent.value, path) if parent.value is not None else None
    if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)) and node is parent.target:
        return parent.iter, (("element", None), *path)
    if isinstance(parent, ast.withitem) and node is parent.optional_vars:
        return parent.context_expr, (("enter", None), *path)
    if isinstance(parent, ast.AugAssign) and node is parent.target:
        return None
    return (target, ()) if isinstance(getattr(target, "ctx", None), (ast.Load, type(None))) else None


def _steps(items: list[ast.expr], node: ast.AST) -> Path:
    index = next(i for i, item in enumerate(items) if item is node)
    star = next((i for i, item in enumerate(items) if isinstance(item, ast.Starred)), None)
    if star == index:
        return rest(index, len(items))
    return (("index", index - len(items) if star is not None and index > star else index),)


def rest(index: int, count: int) -> Path:
    """What the starred target takes that is at ``index`` among ``count`` targets."""
    behind = count - index - 1
    return (("less", behind), ("rest", index)) if behind else (("rest", index),)


def _paired(value: ast.expr, path: Path) -> tuple[ast.expr, Path]:
    """Walks into ``a, b = x, y`` as far as the right side is written out."""
    while path and path[0][0] == "index" and isinstance(value, (ast.Tuple, ast.List)):
        index = path[0][1]
        if not isinstance(index, int) or any(isinstance(item, ast.Starred) for item in value.elts):
            break
        if not -len(value.elts) <= index < len(value.elts):
            break
        value, path = value.elts[index], path[1:]
    return value, path


def stands_in(scope: Scope, node: ast.AST) -> bool:
    """Whether ``node`` is an empty display for where there is nothing else: ``found.get(key, [])``, ``found or []``."""
    if getattr(node, "elts", getattr(node, "keys", ["?"])):
        return False
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Call):
        return node in parent.args[1:] and last_name(parent.func) in _ASKING
    return isinstance(parent, (ast.BoolOp, ast.IfExp))
