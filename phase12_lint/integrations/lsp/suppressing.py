"""The edit that suppresses a finding on its line, with a reason; none where it cannot be done without harm."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from phase12_lint.model import Edit, Span
from phase12_lint.sources import Suppression, read_suppressions, split_lines
from phase12_lint.sources.suppressions import stretch_of

REASON = "reason"  # what stands there until a person has written one
_OF_THE_ANALYSIS = "GOV0"  # to be told that something is not analysed is not suppressed, it is fixed


class Suppressing(NamedTuple):
    """The ``edit``, where the reason then stands, to be written there, and whether a bare ``noqa`` is narrowed by it.

    ``reason`` is None where one is given already.
    """

    edit: Edit
    reason: Span | None
    is_narrowed: bool


def suppressing(text: str, line: int, code: str) -> Suppressing | None:
    """How to suppress ``code``, found in ``line`` (from 1) of the source ``text``; None if it is not to be done.

    flake8 honours the first ``noqa`` of a line, or of all the lines that a text or backslashes join. So the code is
    added to that one if it is there, and else a comment is put behind the last of these lines. It is done only if the
    program stays the same and the comment then covers the line.
    """
    if code.startswith(_OF_THE_ANALYSIS):
        return None
    there = next((each for each in read_suppressions(text) if _covers(each, line)), None)
    lines = split_lines(text)
    done = _added(lines, stretch_of(text, line)[1], code) if there is None else _extended(lines, there, code)
    return done if _holds(text, _applied(lines, done.edit), line, code) else None


def _added(lines: Sequence[str], line: int, code: str) -> Suppressing:
    content = lines[line - 1].rstrip("\r\n")
    bare = content.rstrip()
    comment = f"  # noqa: {code} "
    edit = Edit(Span(line, len(bare) + 1, line, len(content) + 1), comment + REASON)
    return Suppressing(edit, _reason(line, len(bare) + len(comment)), False)


def _extended(lines: Sequence[str], there: Suppression, code: str) -> Suppressing:
    """The first ``noqa`` names ``code`` as well; a bare one, which hides none of ours, then names it alone."""
    line, content = there.line, lines[there.line - 1].rstrip("\r\n")
    if there.codes:
        at = _end_of_codes(content, there)
        text = f",{code}"
    else:
        at = there.column - 1 + len("# noqa")
        text = f": {code}"
    if there.reason:
        return Suppressing(Edit(Span(line, at + 1, line, at + 1), text), None, False)
    edit = Edit(Span(line, at + 1, line, at + 1), f"{text} {REASON}")
    return Suppressing(edit, _reason(line, at + len(text) + 1), not there.codes)


def _end_of_codes(content: str, there: Suppression) -> int:
    at = there.column - 1
    for code in there.codes:
        at = content.index(code, at) + len(code)
    return at


def _reason(line: int, before: int) -> Span:
    return Span(line, before + 1, line, before + 1 + len(REASON))


def _applied(lines: Sequence[str], edit: Edit) -> str:
    span = edit.span
    line = lines[span.line - 1]
    changed = line[: span.column - 1] + edit.text + line[span.end_column - 1 :]
    return "".join([*lines[: span.line - 1], changed, *lines[span.line :]])


def _holds(before: str, after: str, line: int, code: str) -> bool:
    """Whether both are the same program, and ``after`` suppresses ``code`` in ``line`` with a reason."""
    try:
        is_same = ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    now = next((each for each in read_suppressions(after) if _covers(each, line)), None)
    return is_same and now is not None and bool(now.codes) and now.names(code) and bool(now.reason)


def _covers(suppression: Suppression, line: int) -> bool:
    return suppression.first_line <= line <= suppression.last_line
