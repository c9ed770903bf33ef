"""One suppression, and what a gate holds against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from phase12_lint.sources.blame import UNCOMMITTED, Author

NOQA, BASELINE = "noqa", "baseline"
FUTURE = "the author's date is in the future"
_DAY = 86_400  # seconds


class Item(NamedTuple):
    """A ``noqa`` or an entry of the baseline; ``path`` is the file whose findings it suppresses.

    It is written in the file ``written_in``, at ``line`` and ``column``. ``stale`` are those of its ``codes`` that
    suppress nothing. ``number`` is how many findings an entry freezes, ``gone`` how many of these are not found any
    more; a ``noqa`` counts as one. ``author`` last changed the line that it is written in.
    """

    kind: str
    path: str
    written_in: str
    line: int
    column: int
    codes: tuple[str, ...]
    stale: tuple[str, ...]
    reason: str
    author: Author
    message: str = ""
    number: int = 1
    gone: int = 0

    @property
    def sort_key(self) -> tuple[str, int, int]:
        """The order of a report."""
        return (self.written_in, self.line, self.column)

    @property
    def since(self) -> str:
        """The author's date, by the author's clock, such as 2026-01-31; empty where it is not known."""
        if self.author.unknown:
            return ""
        zone = timezone(timedelta(minutes=self.author.offset))
        try:
            return datetime.fromtimestamp(self.author.time, zone).date().isoformat()
        except (OverflowError, ValueError, OSError):
            return ""

    def age(self, now: float) -> int | str:
        """Its age in whole days ``now``, from the author's date; or why that is not known."""
        if self.author.unknown:
            return self.author.unknown
        days = int((now - self.author.time) // _DAY)
        return FUTURE if days < -1 or not self.since else max(days, 0)


class Gate(NamedTuple):
    """What is demanded of each suppression; an age in days, or none."""

    max_age: int | None = None
    needs_reason: bool = False

    def refuses(self, item: Item, now: float) -> Iterator[str]:
        """Why ``item`` does not pass.

        An age that is not known passes nothing, as it may be any, but for a line that is not committed yet.
        """
        age = item.age(now)
        if self.max_age is not None and age != UNCOMMITTED:
            if isinstance(age, str):
                yield f"its age is not known: {age}"
            elif age > self.max_age:
                yield f"older than {self.max_age} days"
        if self.needs_reason and not item.reason:
            yield "no reason"
