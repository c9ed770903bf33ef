"""The ratios as one Markdown table, under what they were measured with."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from benchmarks.measure import Figure

HEAD = "| corpus | what | s | MiB | beside | s | ratio | target |\n|---|---|--:|--:|---|--:|--:|--:|\n"


class Row(NamedTuple):
    """One comparison; ``target`` is the highest ratio that is good enough, or None where none was set."""

    corpus: str
    what: str
    figure: Figure
    beside: str
    other: Figure
    target: float | None

    def text(self) -> str:
        """The row as Markdown."""
        ratio = self.figure.seconds / self.other.seconds
        target = "" if self.target is None else f"{self.target:.2f} {'✓' if ratio <= self.target else '✗'}"
        return (
            f"| {self.corpus} | {self.what} | {self.figure.seconds:.2f} | {self.figure.mebibytes:.0f} "
            f"| {self.beside} | {self.other.seconds:.2f} | {ratio:.2f} | {target} |\n"
        )


def render(rows: Sequence[Row], corpora: Sequence[str], versions: Sequence[str], rounds: int) -> str:
    """The whole page."""
    return "".join(_page(rows, corpora, versions, rounds))


def _page(rows: Sequence[Row], corpora: Sequence[str], versions: Sequence[str], rounds: int) -> Iterator[str]:
    yield "# What it costs\n\n"
    yield f"Medians of {rounds}, in seconds. The ratio counts: both were measured in the same rounds.\n"
    yield "Memory is the peak of the largest process. `make bench` writes this page.\n\n"
    yield HEAD
    yield from (row.text() for row in rows)
    yield "\n## Measured with\n\n"
    yield f"- {datetime.now(timezone.utc):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
    yield f"Python {platform.python_version()}\n"
    yield from (f"- {line}\n" for line in (*corpora, ", ".join(versions)))
