"""How far the work is, on a terminal, once it takes over a second."""

from __future__ import annotations

import sys
from time import perf_counter

_PATIENCE = 1.0  # seconds
_PAUSE = 0.1  # seconds between two changes of the line


class Progress:
    """A line on standard error that is gone when the work is done."""

    def __init__(self) -> None:
        self._due = perf_counter() + _PATIENCE if sys.stderr.isatty() else float("inf")
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` parts of a stage are done."""
        now = perf_counter()
        if now >= self._due:
            self._due, self._shown = now + _PAUSE, True
            sys.stderr.write(f"\r\x1b[K{stage} {done:,}/{total:,}")
            sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
