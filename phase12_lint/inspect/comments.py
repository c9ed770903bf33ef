"""Where comments go when what they stand in is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import libcst as cst

from phase12_lint.sources.suppressions import FOR_A_TOOL

_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
_CHANGED = (cst.BaseExpression, cst.BaseSmallStatement)
_BLOCKS = (cst.IndentedBlock, cst.Module)
_GONE = cst.Pass()  # in the place of what was taken away: libcst drops a line without a statement


def left_of(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine | cst.RemovalSentinel:
    """What is left of a line whose statements are taken away: its comments, but for those to a tool about these."""
    inside = [each for node in (*line.body, line.trailing_whitespace) for each in _in(node)]
    lines = [
        *line.leading_lines,
        *(_alone(each) for each in inside if not FOR_A_TOOL.match(each.value)),
    ]
    if not any(each.comment for each in lines):
        return cst.RemoveFromParent()
    return cst.SimpleStatementLine((_GONE,), leading_lines=lines)


def keeping(before: cst.CSTNode, after: Any) -> Any:
    """The statement ``after`` below the comments of ``before``, which it was made of, that it lacks."""
    return _led(after, [*map(_alone, _missing(before, after))])


class Comments:
    """Keeps what is lost while a tree is changed on the way up, for the statement around it."""

    def __init__(self) -> None:
        self._lost: list[list[cst.EmptyLine]] = []

    def enter(self, node: cst.CSTNode) -> None:
        """Call this on the way down."""
        if isinstance(node, _STATEMENTS):
            self._lost.append([])

    def leave(self, original: cst.CSTNode, before: Any, after: Any) -> Any:
        """``after``, which a change has made of ``before``, with the comments that it has to hold."""
        if isinstance(original, _CHANGED) and before is not after and self._lost:
            self._lost[-1] += map(_alone, _missing(before, after))
        if isinstance(original, _STATEMENTS):
            lost = self._lost.pop()
            return _led(after, lost) if lost else after
        return _settled(after) if isinstance(after, _BLOCKS) else after


def _missing(before: cst.CSTNode, after: Any) -> Iterator[cst.Comment]:
    if not isinstance(after, cst.CSTNode):
        return
    kept = Counter(each.value for each in _in(after))
    for each in _in(before):
        kept[each.value] -= 1
        if kept[each.value] < 0:
            yield each


def _in(node: cst.CSTNode) -> Iterator[cst.Comment]:
    if isinstance(node, cst.Comment):
        yield node
    for each in node.children:
        yield from _in(each)


def _alone(comment: cst.Comment) -> cst.EmptyLine:
    return cst.EmptyLine(comment=comment)


def _is_left(statement: Any) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and _GONE in statement.body


def _led(node: Any, lines: Sequence[cst.EmptyLine]) -> Any:
    """The statement with ``lines`` below those above it."""
    if not hasattr(node, "leading_lines"):
        return node
    return node.with_changes(leading_lines=[*node.leading_lines, *lines])


def _settled(block: Any) -> Any:
    """The block, with comments whose line has gone above the statement that follows, or above its last."""
    if not any(map(_is_left, block.body)):
        return block
    body: list[Any] = []
    left: list[cst.EmptyLine] = []
    for each in block.body:
        if _is_left(each):
            left += each.leading_lines
        else:
            body.append(each.with_changes(leading_lines=[*left, *each.leading_lines]) if left else each)
            left = []
    if left and body:
        return block.with_changes(body=[*body[:-1], _led(body[-1], left)])
    return block.with_changes(body=body, footer=[*left, *block.footer])
