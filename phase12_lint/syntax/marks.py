"""Hashes that are the same on every run, so that sets of what the program holds are walked in one order."""

from __future__ import annotations

import ast
import zlib


def mark(*parts: object) -> int:
    """A hash of names and places that no seed and no address has a part in."""
    number = 17
    for part in parts:
        if isinstance(part, str):
            part = zlib.crc32(part.encode("utf-8", "surrogatepass"))
        elif isinstance(part, ast.AST):
            part = getattr(part, "lineno", 0) * 521 + getattr(part, "col_offset", 0)
        elif part is None:
            part = 3
        number = (number * 1_000_003 + hash(part)) & 0x7FFFFFFFFFFFFFF
    return number
