"""Hashes that are the same on every run, so that sets of what the program holds are walked in one order."""

from __future__ import annotations

import ast
import zlib
from functools import lru_cache


def mark(*parts: object) -> int:
    """A hash of names and places that no seed and no address has a part in."""
    return hash(tuple(map(_number, parts)))  # that of a tuple of numbers is made of these alone


@lru_cache(maxsize=1 << 14)
def _of_text(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _number(part: object) -> int:
    kind = type(part)
    if kind is int:
        return part  # type: ignore[return-value]
    if kind is str:
        return _of_text(part)
    if isinstance(part, ast.AST):
        return int(getattr(part, "lineno", 0)) * 521 + int(getattr(part, "col_offset", 0))
    return 3 if part is None else hash(part)
