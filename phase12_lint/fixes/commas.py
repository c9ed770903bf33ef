"""The commas between elements, and the comments behind them, which belong to the element before."""

from __future__ import annotations

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


def _bare(space: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    line = cst.TrailingWhitespace(newline=space.first_line.newline)
    return space.with_changes(first_line=line, empty_lines=[])
