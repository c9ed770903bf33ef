"""Where libcst sees what a fact is about: the oracle that the places told by ``ast`` are held against.

``ast`` loses parentheses: a node is met by its kind and the place where it ends.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import libcst as cst
from libcst.metadata import (
    CodePosition,
    CodeRange,
    MetadataWrapper,
    PositionProvider,
    VisitorMetadataProvider,
)

from phase12_lint.inspect.underlined import whole
from phase12_lint.model import Span
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact, RunAccess

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


def spans_of(tree: cst.Module, module: Module, facts: Sequence[Fact], offset: int) -> dict[int, Span]:
    """The span of each fact by the fact's ``id``; ``offset`` lines of the file precede ``tree``."""
    keyed: dict[Key, list[Fact]] = {}
    for fact in facts:
        keyed.setdefault(key_of(module, fact.node), []).append(fact)
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True, cache={FactProvider: (keyed, offset)})
    met = wrapper.resolve(FactProvider)
    positions = wrapper.resolve(PositionProvider)
    spans: dict[int, Span] = {}
    for node, held in met.items():
        for fact in held:
            spans.setdefault(id(fact), _span(node, fact, positions, offset))
    return spans


def _span(node: cst.CSTNode, fact: Fact, positions: Mapping[cst.CSTNode, CodeRange], offset: int) -> Span:
    whole = positions[node]
    start, end = whole.start, whole.end
    if isinstance(node, cst.Attribute) and isinstance(fact, RunAccess):
        named = positions[node.attr].start
        if start.line != named.line:
            dot = positions[node.dot].start
            start = dot if dot.line == named.line else named
    elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        start, end = positions[node.name].start, positions[node.name].end
    elif isinstance(node, cst.With):
        end = positions[node.items[-1]].end
    elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
        end = positions[node.type].end if node.type is not None else _after(start, "except")
    elif isinstance(node, (cst.Try, cst.TryStar)):
        end = _after(start, "try")
    return Span(start.line + offset, start.column + 1, end.line + offset, end.column + 1)


def _after(start: CodePosition, word: str) -> CodePosition:
    return CodePosition(start.line, start.column + len(word))
