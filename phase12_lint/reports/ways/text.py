"""For a person: each way as a tree, hop under hop, then how many there are of each verdict."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.calls.path_verdicts import PROVED, UNRESOLVED, VIOLATED, Step, Way
from phase12_lint.reports.printable import printable
from phase12_lint.reports.summary import counted
from phase12_lint.reports.ways import WaysReport

_COLOURS = {PROVED: "1;32", VIOLATED: "1;31", UNRESOLVED: "1;33"}
_BOLD = "1"


def render(report: WaysReport, colour: bool) -> str:
    """The report, with terminal colours if ``colour``."""
    return "".join(f"{line}\n" for line in _lines(report, colour))


def _lines(report: WaysReport, colour: bool) -> Iterator[str]:
    for way in report.ways:
        yield from tree(way, colour)
        yield ""
    if not report.ways:
        yield "No path leads to a plugin run."
        return
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.by_verdict.items() if count)
    yield f"{counted(len(report.ways), 'path')}: {counts}."


def tree(way: Way, colour: bool = False) -> Iterator[str]:
    """The lines about one way: its verdict, and hop under hop."""
    reason = f": {printable(way.reason)}" if way.reason else ""
    yield f"{_paint(way.verdict, _COLOURS[way.verdict], colour)}{reason}"
    for depth, hop in enumerate(way.hops):
        branch = "" if depth == 0 else "   " * (depth - 1) + "└─ "
        name = printable(hop.name)
        if depth == way.culprit and way.verdict != PROVED:
            name = _paint(name, _COLOURS[way.verdict], colour)
        yield f"  {branch}{name}{_about(hop)}"


def _about(hop: Step) -> str:
    layer = f" [{printable(hop.layer)}]" if hop.layer else ""
    return f"{layer}  {printable(hop.path)}:{hop.line}  ({hop.evidence})"


def _paint(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted else text
