"""libcst's view of the survey: the facts of a node, as metadata keyed by position, and where each begins.

The survey reads with ``ast``, which loses parentheses and, before Python 3.12, the places inside f-strings.
So a node is met by its kind and the place where it ends; inside an f-string by its number there.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider, VisitorMetadataProvider

from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact

Key = tuple[str, int, int, int]
_KINDS: dict[type[ast.AST], str] = {
    ast.Attribute: "Attribute",
    ast.Call: "Call",
    ast.Dict: "Dict",
    ast.Subscript: "Subscript",
    ast.FunctionDef: "FunctionDef",
    ast.AsyncFunctionDef: "FunctionDef",
    ast.ClassDef: "ClassDef",
}
_NAMED = ("FunctionDef", "ClassDef")
_FORMATTED = (cst.FormattedString, cst.ConcatenatedString)
_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


def key_of(module: Module, node: ast.AST) -> Key:
    """How ``node`` is met: kind, line and column of its end (statements and defs: of its begin), and number."""
    kind = _KINDS.get(type(node), "statement")
    formatted = _formatted(module, node)
    span = module.lines.span(formatted or node)
    if formatted is not None:
        return (kind, span.line, span.column, _number(formatted, node, kind))
    if kind in _NAMED:
        return (kind, span.line, 0, 0)
    if kind == "statement":
        return (kind, span.line, span.column, 0)
    return (kind, span.end_line, span.end_column, 0)


def _formatted(module: Module, node: ast.AST) -> ast.JoinedStr | None:
    found = None
    current: ast.AST | None = node
    while isinstance(current, (ast.expr, ast.keyword, ast.comprehension)):
        if isinstance(current, ast.JoinedStr):
            found = current
        current = module.parents.get(current)
    return found


def _number(formatted: ast.JoinedStr, node: ast.AST, kind: str) -> int:
    """1 for the first node of its kind in ``formatted``, counted from the outside in and from left to right."""
    count = 0
    stack: list[ast.AST] = [formatted]
    while stack:
        current = stack.pop()
        count += _KINDS.get(type(current)) == kind
        if current is node:
            break
        stack.extend(reversed(list(ast.iter_child_nodes(current))))
    return count


class FactProvider(VisitorMetadataProvider[Sequence[Fact]]):
    """The facts of each node. Its cache holds them by key, and the lines that precede the statement."""

    METADATA_DEPENDENCIES = (PositionProvider,)
    gen_cache = staticmethod(lambda *_: {})

    def __init__(self, cache: object = None) -> None:
        super().__init__(cache)
        assert isinstance(cache, tuple)
        self._facts: dict[Key, list[Fact]] = cache[0]
        self._offset: int = cache[1]
        self._outer: cst.CSTNode | None = None
        self._counts: dict[str, int] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._outer is None and isinstance(node, _FORMATTED):
            self._outer, self._counts = node, {}
        for key in self._keys(node):
            facts = self._facts.get(key)
            if facts:
                self.set_metadata(node, facts)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if original_node is self._outer:
            self._outer = None

    def _keys(self, node: cst.CSTNode) -> Sequence[Key]:
        kind = type(node).__name__
        if isinstance(node, (cst.Attribute, cst.Call, cst.Dict, cst.Subscript)):
            if self._outer is not None:
                start = self._range(self._outer).start
                self._counts[kind] = self._counts.get(kind, 0) + 1
                return [(kind, start.line + self._offset, start.column + 1, self._counts[kind])]
            end = self._range(node).end
            return [(kind, end.line + self._offset, end.column + 1, 0)]
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return [(kind, self._range(node.name).start.line + self._offset, 0, 0)]
        if isinstance(node, _STATEMENTS):
            start = self._range(node).start
            return [("statement", start.line + self._offset, start.column + 1, 0)]
        return []

    def _range(self, node: cst.CSTNode) -> CodeRange:
        found: CodeRange | object = self.get_metadata(PositionProvider, node)
        assert isinstance(found, CodeRange)
        return found
