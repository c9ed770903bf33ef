"""Edits of a text, at places in characters as everywhere: lines and columns from 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from phase12_lint.model import Edit, Span
from phase12_lint.sources.decode import position_after, split_lines

_NEWLINE = re.compile(r"\r\n?|\n")


def applied(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with ``edits`` made, which do not overlap; equal ones are one."""
    starts = [0, *accumulate(map(len, split_lines(text)))]
    parts, done = [], 0
    for span, new in sorted(dict.fromkeys(edits), key=lambda edit: edit.span):
        start = starts[span.line - 1] + span.column - 1
        parts += [text[done:start], new]
        done = starts[span.end_line - 1] + span.end_column - 1
    return "".join([*parts, text[done:]])


def differences(old: str, new: str, first_line: int = 1) -> Iterator[Edit]:
    """The edits that make ``new`` of ``old``, whose first line has the number ``first_line`` in its file."""
    was, now = split_lines(old), split_lines(new)
    for kind, start, end, new_start, new_end in SequenceMatcher(None, was, now, False).get_opcodes():
        if kind != "equal":
            before = "".join(was[:start])
            yield _trimmed(before, "".join(was[start:end]), "".join(now[new_start:new_end]), first_line)


def _trimmed(before: str, old: str, new: str, first_line: int) -> Edit:
    """Only what differs of ``old`` and ``new``; a line's end is one character or two, and stays whole."""
    head = _shared(old, new)
    head -= head > 0 and old[head - 1] == "\r"
    head -= _within_word(old, new, head)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    tail -= tail > 0 and old[len(old) - tail] == "\n" and "\r" in (old + new)
    tail -= _within_word(old[::-1], new[::-1], tail)
    line, column = position_after(before + old[:head])
    end_line, end_column = position_after(before + old[: len(old) - tail])
    span = Span(line + first_line - 1, column, end_line + first_line - 1, end_column)
    return Edit(span, new[head : len(new) - tail])


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def _within_word(one: str, other: str, at: int) -> int:
    """How far back the word begins that goes on in one of both texts after ``at``, up to which they are equal."""
    if not any(text[at : at + 1].isalnum() or text[at : at + 1] == "_" for text in (one, other)):
        return 0
    word = re.search(r"\w*\Z", one[:at])
    return len(word[0]) if word else 0


def overlap(one: Edit, other: Edit) -> bool:
    """Whether not both edits can be made, or their order would matter."""
    if one == other:
        return False
    first, second = sorted((one.span, other.span))
    return second[:2] < first[2:] or (first[:2] == second[:2])


def merged(text: str, edits: Sequence[Edit]) -> Edit:
    """One edit that does to ``text`` what ``edits``, in their order, do."""
    first, last = edits[0].span, max((edit.span for edit in edits), key=lambda span: span[2:])
    above = first.line - 1
    text = "".join(split_lines(text)[above : last.end_line])
    starts = [0, *accumulate(map(len, split_lines(text)))]
    rest = len(text) - (starts[last.end_line - above - 1] + last.end_column - 1)
    new = applied(text, [Edit(_moved(edit.span, above), edit.text) for edit in edits])
    return Edit(Span(*first[:2], *last[2:]), new[first.column - 1 : len(new) - rest])


def whole_lines(lines: Sequence[str], edits: Sequence[Edit]) -> Iterator[tuple[int, int, str]]:
    """What stands in the place of the lines that ``edits`` touch, for each run of them with its first and last.

    The ``lines`` are told without their ends, and all lines of the answer end in a line feed.
    """
    groups: list[list[Edit]] = []
    for edit in edits:
        if groups and edit.span.line <= _last_line(groups[-1][-1].span) + 1:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    for group in groups:
        first, last = group[0].span.line, min(max(_last_line(edit.span) for edit in group), len(lines))
        text = "".join(f"{line}\n" for line in lines[first - 1 : last])
        moved = [Edit(_moved(edit.span, first - 1), "\n".join(_NEWLINE.split(edit.text))) for edit in group]
        yield first, last, applied(text, moved)


def _last_line(span: Span) -> int:
    """The last line that changes: not the one at whose begin the place ends."""
    return span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line


def _moved(span: Span, above: int) -> Span:
    """``span`` in a text that lacks the ``above`` first lines."""
    return span._replace(line=span.line - above, end_line=span.end_line - above)
