"""GOV002: the code goes from the ``noqa``; the ``noqa`` and its reason, if it names no other; an empty comment."""

from __future__ import annotations

import re
import tokenize
from contextlib import suppress
from functools import partial
from io import StringIO
from typing import Any

import libcst as cst

from phase12_lint.fixes.base import Found, NoFix
from phase12_lint.fixes.draft import Draft
from phase12_lint.model import Span
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources.suppressions import NOQA, without_reason
from phase12_lint.syntax.modules import Module

SAFE = True


def draft(found: Found) -> Draft:
    """The comment without the code."""
    code = UnusedSuppression.named_in(found.finding)
    line, column = found.finding.span[:2]
    span = _comment_at(found.module, line, column)
    text = found.module.lines.cut(span)
    left = _without(text, column - span.column, code)
    change = Draft(found.module, f"delete {code} from the `noqa`" if left else "delete the `noqa`")
    return change.change_comment(span, partial(_changed, left))


def _comment_at(module: Module, line: int, column: int) -> Span:
    """The comment that ``column`` stands in."""
    with suppress(tokenize.TokenError, SyntaxError):  # which a file that Python reads may give
        for token in tokenize.generate_tokens(StringIO(module.text, newline="").readline):
            (begun, start), (_, end) = token.start, token.end
            if token.type == tokenize.COMMENT and begun == line and start < column <= end:
                return Span(line, start + 1, line, end + 1)
    raise NoFix("the `noqa` stands in no comment")


def _without(comment: str, at: int, code: str) -> str:
    """``comment`` with ``code`` taken out of the ``noqa`` that begins ``at`` there."""
    found = NOQA.match(comment, at)
    if found is None or not found["codes"]:
        raise NoFix("the `noqa` is another one")
    start, end = found.span("codes")
    named = comment[start:end].rstrip(", \t")
    rest = comment[start + len(named) :]
    codes = re.sub(rf"(?<![A-Z0-9]){code}(?![A-Z0-9])(?:[,\s]+|$)", "", named)
    if not codes:
        return (comment[:at] + without_reason(rest.lstrip(", \t"))).strip()
    return (comment[:start] + codes.rstrip(", \t") + rest).rstrip()


def _changed(comment: str, node: Any) -> Any:
    """The end of a line, or the line, with ``comment``."""
    if comment:
        return node.with_changes(comment=cst.Comment(comment))
    if isinstance(node, cst.EmptyLine):
        return cst.RemoveFromParent()
    return node.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
