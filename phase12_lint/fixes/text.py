"""Edits of a text, at places in characters as everywhere: lines and columns from 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from phase12_lint.model import Edit, Span
from phase12_lint.sources.decode import position_after, split_lines


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
    tail = _shared(old[head:][::-1], new[head:][::-1])
    tail -= tail > 0 and old[len(old) - tail] == "\n" and "\r" in (old + new)
    line, column = position_after(before + old[:head])
    end_line, end_column = position_after(before + old[: len(old) - tail])
    span = Span(line + first_line - 1, column, end_line + first_line - 1, end_column)
    return Edit(span, new[head : len(new) - tail])


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def overlap(one: Edit, other: Edit) -> bool:
    """Whether not both edits can be made, or their order would matter."""
    if one == other:
        return False
    first, second = sorted((one.span, other.span))
    return second[:2] < first[2:] or (first[:2] == second[:2])
