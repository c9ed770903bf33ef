"""Which files a policy exempts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

_PIECE = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^]/]+\])")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_exempt(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of ``patterns`` (``Policy.exempt``) names the file or a folder that it is in.

    A pattern is one of ``.gitignore`` that counts at any depth, also when it holds a ``/``: ``tests/**``
    names what is in any folder called ``tests``, ``test_*.py`` any file called so. A ``/`` in front ties it
    to the root.
    """
    return _expression(patterns).match(path) is not None


def exempt_among(paths: Iterable[str], patterns: tuple[str, ...]) -> frozenset[str]:
    """Those of ``paths`` that ``patterns`` exempt."""
    return frozenset(path for path in paths if is_exempt(path, patterns))


@functools.cache
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_alternative, patterns)) or r"(?!)", re.DOTALL)


def _alternative(pattern: str) -> str:
    start = "" if pattern.startswith("/") else "(?:.*/)?"
    end = "/.*" if pattern.endswith("/") else r"(?:/.*)?\Z"
    return start + "".join(map(_meaning, _PIECE.split(pattern.strip("/")))) + end


def _meaning(piece: str) -> str:
    if piece.startswith("[") and piece.endswith("]"):
        return "[" + piece[1:-1].replace("\\", r"\\").replace("!", "^", 1 if piece[1] == "!" else 0) + "]"
    return _MEANING.get(piece) or re.escape(piece)
