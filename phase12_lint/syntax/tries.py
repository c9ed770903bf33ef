"""The ``try`` statements around a place, and which handlers catch all that goes wrong, as the text shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import last_name

_ALL = ("Exception", "BaseException")


def tries_around(module: Module, node: ast.AST) -> Iterator[ast.Try]:
    """Those that hold ``node`` in their bodies within its function, innermost first."""
    inner, outer = node, module.parents.get(node)
    while outer is not None and not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if isinstance(outer, ast.Try) and inner in outer.body:
            yield outer
        inner, outer = outer, module.parents.get(outer)


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether it names the class of all exceptions, or none."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or last_name(kind) in _ALL for kind in kinds)
