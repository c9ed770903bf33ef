"""Python's own reader, with every way of failing as ``SyntaxError``."""

from __future__ import annotations

import ast
import sys

_ENOUGH_RECURSION = 12_000


def parse(text: str) -> ast.Module:
    """``ast.parse`` that reports every way of failing as ``SyntaxError``."""
    if sys.getrecursionlimit() < _ENOUGH_RECURSION:
        sys.setrecursionlimit(_ENOUGH_RECURSION)
    try:
        return ast.parse(text)
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply", ("<file>", 1, 1, "")) from None
    except ValueError as error:
        raise SyntaxError(str(error), ("<file>", 1, 1, "")) from None
