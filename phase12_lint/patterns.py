"""Patterns as in ``.gitignore``, read by pathspec, which is slow to import and so is loaded when it is needed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def matching(paths: Iterable[str], patterns: tuple[str, ...]) -> frozenset[str]:
    """Those of ``paths`` that ``patterns`` name, or that are in a folder that they name."""
    if not patterns:
        return frozenset()
    match = _spec(patterns).match_file
    return frozenset(path for path in paths if match(path.replace("\n", " ")))


def check_pattern(pattern: str) -> None:
    """Raises ``ValueError`` if ``pattern`` is none, or means in git what pathspec does not know."""
    if not pattern.lstrip("!").strip("/"):
        raise ValueError("must be a pattern as in .gitignore")
    if re.search(r"\\\w", pattern):  # nobody escapes a letter
        raise ValueError("must be a pattern as in .gitignore: folders end in /, not in \\")
    if any(special in pattern for special in "[\\"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                _spec((pattern,))
            except Exception as error:  # of pathspec, of re, or a warning that a range means something else
                what = str(error).partition(" at position ")[0]
                raise ValueError(f"must be a pattern as in .gitignore: {what}") from None


@cache
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
