"""Coroutines of libraries from before ``async``: what they yield is waited for and does not go to the caller.

``yield x`` of a function under ``inlineCallbacks`` (Twisted) or ``gen.coroutine`` (Tornado) reads as ``await x``, and
``returnValue(x)`` and ``raise Return(x)`` there as ``return x``.
"""

from __future__ import annotations

import ast
from typing import TypeVar

from phase12_lint.syntax.scopes import last_name

_MARKS = ("inlineCallbacks", "gen.coroutine")
_GIVING_BACK = {"returnValue", "Return"}
_Node = TypeVar("_Node", bound=ast.AST)


def said_with_await(tree: ast.Module, text: str) -> ast.Module:
    """``tree``, made of ``text``, with such coroutines as what they are."""
    if any(mark in text for mark in _MARKS):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(map(_is_mark, node.decorator_list)):
                node.body = [_Waiting().visit(each) for each in node.body]
    return tree


def _is_mark(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).endswith(_MARKS)


class _Waiting(ast.NodeTransformer):
    def _left(self, node: _Node) -> _Node:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _left

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        self.generic_visit(node)
        return ast.copy_location(ast.Await(node.value), node) if node.value is not None else node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        self.generic_visit(node)
        return ast.copy_location(ast.Await(node.value), node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return self._given_back(node, node.value)

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        return self._given_back(node, node.exc)

    def _given_back(self, node: ast.stmt, value: ast.expr | None) -> ast.stmt:
        self.generic_visit(node)
        if isinstance(value, ast.Call) and last_name(value.func) in _GIVING_BACK and len(value.args) < 2:
            return ast.copy_location(ast.Return(value.args[0] if value.args else None), node)
        return node
