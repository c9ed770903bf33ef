"""What of a project's own files was not read to the end, as a bound was met: said beside the findings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[dict[str, None] | None] = ContextVar("cuts", default=None)


@contextmanager
def told() -> Iterator[dict[str, None]]:
    """What ``cut`` says while this lasts."""
    found: dict[str, None] = {}
    before = _told.set(found)
    try:
        yield found
    finally:
        _told.reset(before)


def cut(what: str) -> None:
    """Say that something was cut: what, and where."""
    found = _told.get()
    if found is not None:
        found[what] = None


def shortened(text: str) -> str:
    """The beginning of ``text`` as one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
