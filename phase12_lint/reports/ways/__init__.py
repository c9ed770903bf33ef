"""What a person or a program reads of the ways to the plugin runs: each format is a module with ``render``."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from os.path import relpath
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from phase12_lint.calls.path_verdicts import PROVED, UNRESOLVED, VIOLATED, Way


class WaysReport(NamedTuple):
    """The ways, with paths relative to ``folder``, the working directory; ``layers`` from the API down."""

    folder: Path
    ways: tuple[Way, ...]
    layers: tuple[str, ...]

    @property
    def by_verdict(self) -> dict[str, int]:
        """How many ways have each verdict, none left out."""
        counts = Counter(way.verdict for way in self.ways)
        return {verdict: counts[verdict] for verdict in (PROVED, VIOLATED, UNRESOLVED)}

    @property
    def is_proved(self) -> bool:
        """Whether every way is proved."""
        return all(way.verdict == PROVED for way in self.ways)


class _Format(Protocol):
    def render(self, report: WaysReport, colour: bool) -> str: ...


def formats() -> list[str]:
    """The names of the formats."""
    return sorted(module.stem for module in Path(__file__).parent.glob("[!_]*.py"))


def render(name: str, report: WaysReport, colour: bool = False) -> str:
    """``report`` in the format called ``name``, one of ``formats()``; ``colour`` for a terminal."""
    return cast(_Format, import_module(f"{__name__}.{name}")).render(report, colour)


def seen_from(folder: Path, root: Path, way: Way) -> Way:
    """``way`` with paths relative to ``folder`` in place of ``root``."""
    if folder == root:
        return way
    hops = (hop._replace(path=Path(relpath(root / hop.path, folder)).as_posix()) for hop in way.hops)
    return way._replace(hops=tuple(hops))
