"""libcst's view of the survey: the facts of a node, as metadata keyed by position, and where each begins.

The survey reads with ``ast``, which loses parentheses: a node is met by its kind and the place where it ends.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider, VisitorMetadataProvider

from phase12_lint.inspect.underlined import whole
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact

Key = tuple[str, int, int]
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
_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


def key_of(module: Module, node: ast.AST) -> Key:
    """How ``node`` is met: kind, line and column of its end; statements by their begin, defs by its line alone."""
    kind = _KINDS.get(type(node), "statement")
    span = whole(module, node)
    if kind in _NAMED:
        return (kind, span.line, 0)
    if kind == "statement":
        return (kind, span.line, span.column)
    return (kind, span.end_line, span.end_column)


class FactProvider(VisitorMetadataProvider[Sequence[Fact]]):
    """The facts of each node. Its cache holds them by key, and the lines that precede the statement."""

    METADATA_DEPENDENCIES = (PositionProvider,)
    gen_cache = staticmethod(lambda *_: {})

    def __init__(self, cache: object = None) -> None:
        super().__init__(cache)
        assert isinstance(cache, tuple)
        self._facts: dict[Key, list[Fact]] = cache[0]
        self._offset: int = cache[1]

    def on_visit(self, node: cst.CSTNode) -> bool:
        for key in self._keys(node):
            facts = self._facts.get(key)
            if facts:
                self.set_metadata(node, facts)
        return True

    def _keys(self, node: cst.CSTNode) -> Sequence[Key]:
        kind = type(node).__name__
        if isinstance(node, (cst.Attribute, cst.Call, cst.Dict, cst.Subscript)):
            end = self._range(node).end
            return [(kind, end.line + self._offset, end.column + 1)]
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return [(kind, self._range(node.name).start.line + self._offset, 0)]
        if isinstance(node, _STATEMENTS):
            start = self._range(node).start
            return [("statement", start.line + self._offset, start.column + 1)]
        return []

    def _range(self, node: cst.CSTNode) -> CodeRange:
        found: CodeRange | object = self.get_metadata(PositionProvider, node)
        assert isinstance(found, CodeRange)
        return found
