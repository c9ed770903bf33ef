"""The commas between elements, and the comments behind them, which belong to the element before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst


def without_comment(comma: Any) -> Any:
    """The comma, if it is one, without the comment behind it."""
    space = getattr(comma, "whitespace_after", None)
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return comma
    return comma.with_changes(whitespace_after=_bare(space))


def with_comment_of(gap: cst.Comma, comma: Any) -> cst.Comma:
    """``gap`` with the comment that stands behind ``comma``."""
    space = getattr(comma, "whitespace_after", None)
    spaced = gap.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(spaced, cst.ParenthesizedWhitespace):
        return gap.with_changes(whitespace_after=spaced.with_changes(first_line=space.first_line))
    return gap


def comma_within(node: cst.Call) -> cst.Comma:
    """The comma between the arguments of a call, as those that are there have it, or on a line of its own as they."""
    first = node.args[0].comma
    if len(node.args) > 1 and isinstance(first, cst.Comma):
        return cst.ensure_type(without_comment(first), cst.Comma)
    if isinstance(node.whitespace_before_args, cst.ParenthesizedWhitespace):
        comma = without_comment(cst.Comma(whitespace_after=node.whitespace_before_args))
        return cst.ensure_type(comma, cst.Comma)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def last_of(kept: Sequence[Any], end: Any, rpar: Any) -> tuple[Any, Any]:
    """The last of the elements that are ``kept``, and the bracket: ``end`` is the comma of what was the last, if any.

    The comment behind the element stays there, and the bracket on its line.
    """
    last = kept[-1]
    space = getattr(last.comma, "whitespace_after", None)
    is_commented = isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is not None
    if last.comma is end or not is_commented:
        return last.with_changes(comma=end), rpar
    after = getattr(end, "whitespace_after", None)
    if not isinstance(after, cst.ParenthesizedWhitespace):
        after = rpar.whitespace_before
    comma = with_comment_of(cst.Comma(whitespace_after=after), last.comma)
    return last.with_changes(comma=comma), rpar.with_changes(whitespace_before=cst.SimpleWhitespace(""))


def _bare(space: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    line = cst.TrailingWhitespace(newline=space.first_line.newline)
    return space.with_changes(first_line=line, empty_lines=[])
