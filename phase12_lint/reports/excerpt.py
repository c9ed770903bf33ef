"""Source lines with a place underlined: tabs, wide characters, long lines and places of several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, east_asian_width

from phase12_lint.model import Span
from phase12_lint.reports.printable import escape
from phase12_lint.sources.decode import SourceError, decode, split_lines

_TAB = 4
_WIDEST = 120  # columns of source that are shown of a line
_MOST_LINES = 6  # of a place


class Marked(NamedTuple):
    """A line as shown, and the marks below it; ``number`` 0 stands for lines left out."""

    number: int
    text: str
    marks: str


@lru_cache(maxsize=64)
def source_lines(path: Path) -> tuple[str, ...]:
    """The lines of a file without their ends, none if there is no such file."""
    return tuple(line.rstrip("\r\n") for line in split_lines(source_text(path)))


def source_text(path: Path) -> str:
    """The text of a file with its line ends, none if there is no such file."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    try:
        return decode(data)
    except SourceError:  # the finding is about just that
        return data.decode("utf-8", "replace")


def point(lines: tuple[str, ...], line: int, column: int) -> Span:
    """The place of the word that begins at ``line`` and ``column``, or of one character."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    word = re.compile(r"\w+").match(text, column - 1)
    return Span(line, column, line, word.end() + 1 if word else column + 1)


def excerpt(lines: tuple[str, ...], place: Span) -> Iterator[Marked]:
    """The lines of ``place``, each with its part of the place marked."""
    last = min(place.end_line, len(lines))
    shown = list(range(place.line, last + 1))
    if len(shown) > _MOST_LINES:
        shown = [*shown[: _MOST_LINES - 1], 0, last]
    for number in shown:
        if not number:
            yield Marked(0, "...", "")
            continue
        text = lines[number - 1]
        indent = len(text) - len(text.lstrip())
        start = place.column - 1 if number == place.line else indent
        end = place.end_column - 1 if number == place.end_line else len(text.rstrip())
        yield Marked(number, *_marked(text, start, end))


def _marked(text: str, start: int, end: int) -> tuple[str, str]:
    """``text`` as shown, cut to what is around the place, and the marks below it; offsets in characters."""
    first = max(start - _WIDEST // 3, 0) if len(text) > _WIDEST else 0
    cells = list(_cells(text[first : first + _WIDEST]))
    head, tail = "..." if first else "", "..." if first + _WIDEST < len(text) else ""
    shown = head + "".join(cell for cell, _ in cells) + tail
    before = len(head) + sum(width for _, width in cells[: start - first])
    under = sum(width for _, width in cells[start - first : end - first])
    return shown.rstrip(), " " * before + "^" * max(under, 1)


def _cells(text: str) -> Iterator[tuple[str, int]]:
    """Each character as shown, with the columns it takes up in a terminal."""
    column = 0
    for character in text:
        if character == "\t":
            cell = " " * (_TAB - column % _TAB)
        else:
            cell = character if character.isprintable() else escape(character)
        width = len(cell) if cell.isascii() else _width(character)
        column += width
        yield cell, width


def _width(character: str) -> int:
    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
