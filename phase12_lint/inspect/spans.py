"""The exact place of a fact in a libcst tree: what a report underlines and an edit replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst
from libcst.metadata import CodePosition, CodeRange, MetadataWrapper, PositionProvider

from phase12_lint.inspect.provider import FactProvider, Key, key_of
from phase12_lint.model import Span
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact, RunAccess


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
