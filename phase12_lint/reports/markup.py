"""Text that Markdown takes as text: names, paths and sources come from the code that is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from phase12_lint.reports.printable import printable

_SPECIAL = frozenset("\\`*_[]|~$#")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@&#8203;"}  # an @ alone would call a person


def pieces(message: str) -> Iterator[tuple[str, bool]]:
    """A message in pieces, each with whether it stood between backticks; a last backtick of odd number is text."""
    parts = printable(message).split("`")
    if len(parts) % 2 == 0:
        last = parts.pop()
        parts[-1] += f"`{last}"
    for number, part in enumerate(parts):
        if part:
            yield part, number % 2 == 1


def prose(message: str) -> str:
    """A message as Markdown: what it has between backticks is code, all else is text."""
    return "".join(f"`{part}`" if is_code else escaped(part) for part, is_code in pieces(message))


def code(text: str) -> str:
    """``text`` as inline code, whatever is in it."""
    shown = printable(text)
    fence = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def fenced(lines: Iterable[str], language: str) -> Iterator[str]:
    """A block of code that no line of it can end."""
    shown = list(lines)
    fence = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    yield f"{fence}{language}"
    yield from shown
    yield fence


def escaped(text: str) -> str:
    """``text`` as Markdown in which nothing has a meaning, also in a cell of a table."""
    return "".join(_ENTITIES.get(c) or (f"\\{c}" if c in _SPECIAL else c) for c in printable(text))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
