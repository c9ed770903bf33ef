"""The rows as one Markdown table, targets beside figures, under what they were measured with."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from benchmarks.measure import Figure

_HEAD = (
    "| corpus | what | measured | beside | measured | ratio | target | met |\n"
    "|---|---|--:|---|--:|--:|--:|---|\n"
)
_MET = {True: "yes", False: "**no**", None: ""}
_UNITS = {"wall": "{:.2f} s", "cpu": "{:.2f} CPU s", "mebibytes": "{:.0f} MiB"}


class Row(NamedTuple):
    """A line of the table; ``met`` is None where no target was set."""

    corpus: str
    what: str
    figure: str
    beside: str = ""
    other: str = ""
    ratio: float | None = None
    target: str = ""
    met: bool | None = None

    def text(self) -> str:
        """The row as Markdown."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        cells = (
            self.corpus,
            self.what,
            self.figure,
            self.beside,
            self.other,
            ratio,
            self.target,
            _MET[self.met],
        )
        return "|" + "|".join(f" {cell.replace('|', '/')} " for cell in cells) + "|\n"


def shown(figure: Figure | None, unit: str) -> str:
    """A figure in words: its value, or why there is none."""
    if figure is None:
        return "absent"
    return figure.fault or _UNITS[unit].format(getattr(figure, unit))


def ratio(
    corpus: str,
    what: str,
    figure: Figure | None,
    beside: str,
    other: Figure | None,
    most: float | None = None,
    unit: str = "wall",
    floor: float = 0.0,
) -> Row:
    """A figure as a multiple of another, ``most`` at the most, or at most ``floor`` where that is more."""
    target = "" if most is None else f"≤ {most:.3g} ×" + (f" or {floor:.3g}" if floor else "")
    row = Row(corpus, what, shown(figure, unit), beside, shown(other, unit), target=target)
    if figure is not None and figure.fault and most is not None:
        return row._replace(met=False)
    if figure is None or figure.fault or other is None or other.fault:
        return row
    value, measure = getattr(figure, unit), getattr(other, unit)
    met = None if most is None else value <= max(most * measure, floor)
    return row._replace(ratio=value / measure, met=met)


def at_most(corpus: str, what: str, figure: Figure, most: float, unit: str = "wall") -> Row:
    """A figure that may be ``most`` of its unit."""
    target = f"≤ {_UNITS[unit].format(most)}"
    met = not figure.fault and getattr(figure, unit) <= most
    return Row(corpus, what, shown(figure, unit), target=target, met=met)


def render(rows: Sequence[Row], notes: Sequence[str], rounds: int, timeout: int) -> str:
    """The whole page."""
    return "".join(_page(rows, notes, rounds, timeout))


def _page(rows: Sequence[Row], notes: Sequence[str], rounds: int, timeout: int) -> Iterator[str]:
    met, missed = (sum(row.met is wanted for row in rows) for wanted in (True, False))
    yield "# What it costs\n\n"
    yield f"{met} targets are met, {missed} are not.\n\n"
    yield f"Medians of {rounds}; what is slow (semgrep, fixit, pyrefly, flake8 on A) was run once. "
    yield "What stands beside a figure was measured in the same\n"
    yield "rounds. Memory is the peak of the largest process. "
    yield f"A run was stopped after {timeout} CPU s. Caches were cleared for what is cold.\n"
    yield "`make bench` writes this page; `benchmarks/__init__.py` says what the corpora are.\n\n"
    yield _HEAD
    yield from (row.text() for row in rows)
    yield "\n## Measured with\n\n"
    yield f"- {datetime.now(timezone.utc):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
    yield f"Python {platform.python_version()}\n"
    yield from (f"- {line}\n" for line in notes)
