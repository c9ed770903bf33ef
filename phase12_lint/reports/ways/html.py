"""One page that needs nothing else: the layers as a picture, every way drawn in it, and each hop with its source."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.calls.path_verdicts import UNRESOLVED, VIOLATED, Step, Way
from phase12_lint.model import Span
from phase12_lint.reports.excerpt import source_lines
from phase12_lint.reports.page import closing, opening, prose, source, text
from phase12_lint.reports.summary import counted
from phase12_lint.reports.ways import WaysReport
from phase12_lint.reports.ways._picture import picture

_AROUND = 2
_STYLE = """
.picture { overflow-x: auto; } section { overflow-wrap: anywhere; }
svg .culprit { stroke-width: 5; } svg circle { fill: var(--paper); stroke-width: 2; }
svg path.UNRESOLVED { stroke-dasharray: 5 4; }
svg path.PROVED, svg circle.PROVED { stroke: var(--good); }
svg path.VIOLATED, svg circle.VIOLATED { stroke: var(--bad); }
svg path.UNRESOLVED, svg circle.UNRESOLVED { stroke: var(--open); }
.verdict { font-weight: 700; margin-right: .6rem; } .PROVED { color: var(--good); }
.VIOLATED { color: var(--bad); } .UNRESOLVED { color: var(--open); }
.culprit > summary strong { color: var(--bad); }
"""


def render(report: WaysReport, colour: bool) -> str:
    """The page; ``colour`` changes nothing."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: WaysReport) -> Iterator[str]:
    yield from opening("Paths to the plugin runs", _STYLE)
    yield f"<p>{_summary(report)}</p>"
    if report.ways:
        yield from picture(report)
    for number, way in enumerate(report.ways, 1):
        yield from _section(report, number, way)
    yield from closing()


def _summary(report: WaysReport) -> str:
    if not report.ways:
        return "No path leads to a plugin run."
    counts = [
        f'<span class="{verdict}">{count} {verdict}</span>'
        for verdict, count in report.by_verdict.items()
        if count
    ]
    return f"{counted(len(report.ways), 'path')}: {', '.join(counts)}."


def _section(report: WaysReport, number: int, way: Way) -> Iterator[str]:
    yield f'<section id="way{number}"><span class="verdict {way.verdict}">{way.verdict}</span>'
    title = " → ".join((way.hops[0].name, way.hops[-1].name))
    yield f"<h2>{number}. {text(title)}</h2>"
    if way.reason:
        yield f"<p>{prose(way.reason)}</p>"
    for at, hop in enumerate(way.hops):
        guilty = at == way.culprit and way.verdict in (VIOLATED, UNRESOLVED)
        yield from _hop(report, hop, guilty)
    yield "</section>"


def _hop(report: WaysReport, hop: Step, guilty: bool) -> Iterator[str]:
    layer = f" [{text(hop.layer)}]" if hop.layer else ""
    about = f"{text(hop.path)}:{hop.line} ({text(hop.evidence)})"
    opened = ' class="culprit" open' if guilty else ""
    yield f"<details{opened}><summary><strong>{text(hop.name)}</strong>{layer}"
    yield f'<span class="about">{about}</span></summary>'
    yield f"<pre>{_excerpt(report, hop)}</pre></details>"


def _excerpt(report: WaysReport, hop: Step) -> str:
    lines = source_lines(report.folder / hop.path)
    width = len(lines[hop.line - 1]) if 0 < hop.line <= len(lines) else 0
    return source(lines, Span(hop.line, 1, hop.line, width + 1), _AROUND)
