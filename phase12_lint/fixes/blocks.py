"""The statements around a statement: its block, and what is certainly known before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Scope, home_of

_BLOCKS = ("body", "orelse", "finalbody")


def block_of(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """The statements that ``statement`` is one of."""
    parent = module.parents[statement]
    blocks = [getattr(parent, name, None) for name in _BLOCKS]
    return next(block for block in blocks if isinstance(block, list) and statement in block)


def line_of(node: ast.AST, which: str = "lineno") -> int:
    """The line that ``node`` begins on."""
    return int(getattr(node, which, 0) or 0)


def names_in(node: ast.AST) -> Iterator[ast.Name]:
    """The names in ``node``."""
    yield from (each for each in ast.walk(node) if isinstance(each, ast.Name))


def handler_around(scope: Scope, node: ast.AST) -> ast.ExceptHandler | None:
    """The nearest handler of the function ``scope`` that ``node`` stands in."""
    current: ast.AST | None = node
    while current is not None and current is not scope.node:
        if isinstance(current, ast.ExceptHandler):
            return current
        current = scope.module.parents.get(current)
    return None


def bound_before(scope: Scope, statement: ast.stmt) -> set[str]:
    """The names of the function ``scope`` that have a value whenever ``statement`` is reached."""
    known = {each.node.arg for each in scope.module.bound(scope).params}
    current: ast.AST = statement
    while isinstance(current, ast.stmt) and current is not scope.node:
        block = block_of(scope.module, current)
        for before in block[: block.index(current)]:
            targets = before.targets if isinstance(before, ast.Assign) else [getattr(before, "target", None)]
            if isinstance(before, (ast.Assign, ast.AnnAssign)) and before.value is not None:
                known |= {each.id for t in targets if t for each in ast.walk(t) if isinstance(each, ast.Name)}
        current = scope.module.parents[current]
        while isinstance(current, ast.excepthandler):
            current = scope.module.parents[current]
    return known


def loads_of(home: Scope, name: str) -> list[ast.expr]:
    """Where the variable ``name`` of ``home`` is read."""
    module = home.module
    loads = [each for each in module.loads.get(name, ()) if isinstance(each, ast.Name)]
    return [each for each in loads if home_of(module.scopes[each], name) is home]


def stores_of(scope: Scope, name: str) -> list[ast.expr | None]:
    """What ``name`` is set to in ``scope``, in the order of the code; None where that is not written out, or where
    ``nonlocal`` or ``global`` lets another function set it.
    """
    module = scope.module
    writers = (*module.nonlocal_writers.get(name, ()), *module.global_writers.get(name, ()))
    found: list[ast.expr | None] = (
        [None] if any(writer in scope.chain() or scope in writer.chain() for writer in writers) else []
    )
    for each in scope.module.bound(scope).bindings.get(name, ()):
        value = each.value if isinstance(each, Assigned) else None
        for _, at in each.path if isinstance(each, Assigned) else ():
            elements = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            value = elements[at] if isinstance(at, int) and at < len(elements) else None
        found.append(value)
    return found
