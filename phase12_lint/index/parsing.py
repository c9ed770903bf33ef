"""Python's own reader, with every way of failing as ``SyntaxError``."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

TOO_DEEP = "nested too deeply"
_ENOUGH_RECURSION = 12_000
_SURELY_SHALLOW = 12_000  # characters
_ENOUGH_STACK = 1 << 28
_Read = TypeVar("_Read")


def parse(text: str) -> ast.Module:
    """``ast.parse`` that reports every way of failing as ``SyntaxError``."""
    if sys.getrecursionlimit() < _ENOUGH_RECURSION:
        sys.setrecursionlimit(_ENOUGH_RECURSION)
    try:
        return on_enough_stack(text, lambda: ast.parse(text))
    except (RecursionError, MemoryError):
        raise SyntaxError(TOO_DEEP, ("<file>", 1, 1, "")) from None
    except ValueError as error:
        raise SyntaxError(str(error), ("<file>", 1, 1, "")) from None


def on_enough_stack(text: str, read: Callable[[], _Read]) -> _Read:
    """What ``read`` makes of ``text``. Python 3.10 ends the process where code is nested deeper than its stack is."""
    if sys.version_info >= (3, 11) or len(text) <= _SURELY_SHALLOW:
        return read()
    before = threading.stack_size(_ENOUGH_STACK)
    try:
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(read).result()
    finally:
        threading.stack_size(before)
