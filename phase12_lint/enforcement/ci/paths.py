"""Which files of a project the patterns of GitHub and GitLab take, where a change has to touch one to start a build.

What is not known in a pattern, a variable or a class of characters, may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from phase12_lint.enforcement.braces import spread

_PIECES = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
_PIECE = re.compile(r"(?P<known>\*\*/|\*\*|\*)|[?+]|\[[^]]*\]|\$\{\w+\}|\$\w+|(?P<plain>.)", re.DOTALL)


def taken(patterns: Iterable[str], files: Sequence[str]) -> Iterator[str]:
    """Those of ``files`` that ``patterns`` take; the last that fits decides, and one behind ``!`` leaves out."""
    rules = [
        (not pattern.startswith("!"), _expression(each))
        for pattern in patterns
        for each in spread(pattern.removeprefix("!"))
    ]
    for path in files:
        if next((takes for takes, expression in reversed(rules) if expression.fullmatch(path)), False):
            yield path


def _expression(pattern: str) -> re.Pattern[str]:
    pieces = _PIECE.finditer(pattern.removeprefix("/"))
    return re.compile(
        "".join(
            _PIECES.get(piece["known"]) or (re.escape(piece["plain"]) if piece["plain"] else ".*")
            for piece in pieces
        ),
        re.DOTALL,
    )
