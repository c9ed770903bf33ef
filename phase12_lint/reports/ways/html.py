"""One page that needs nothing else: the layers as a picture, every way drawn in it, and each hop with its source."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from phase12_lint.governance.ways import UNRESOLVED, VIOLATED, Step, Way
from phase12_lint.model import Span
from phase12_lint.reports.excerpt import source_lines
from phase12_lint.reports.printable import printable
from phase12_lint.reports.summary import counted
from phase12_lint.reports.ways import WaysReport
from phase12_lint.reports.ways._picture import picture

_AROUND = 2
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --dim: #5c6670; --paper: #fff; --box: #f3f5f7; --line: #c9d0d6;
  --PROVED: #1f7a3a; --VIOLATED: #c62828; --UNRESOLVED: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8eb; --dim: #9aa5af; --paper: #15181b; --box: #1f2428;
  --line: #3a434b; --PROVED: #4cc06f; --VIOLATED: #ff6b62; --UNRESOLVED: #e3b341; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 0; display: inline; }
svg { width: 100%; height: auto; background: var(--box); border-radius: 6px; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .name { font-weight: 600; }
svg .band { stroke: var(--line); } svg path { fill: none; stroke-width: 2; } svg .culprit { stroke-width: 5; }
svg path.UNRESOLVED { stroke-dasharray: 5 4; }
svg path.PROVED, svg circle.PROVED { stroke: var(--PROVED); } svg circle { fill: var(--paper); stroke-width: 2; }
svg path.VIOLATED, svg circle.VIOLATED { stroke: var(--VIOLATED); }
svg path.UNRESOLVED, svg circle.UNRESOLVED { stroke: var(--UNRESOLVED); }
section { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: 1rem 0; }
.verdict { font-weight: 700; margin-right: .6rem; } .PROVED { color: var(--PROVED); }
.VIOLATED { color: var(--VIOLATED); } .UNRESOLVED { color: var(--UNRESOLVED); }
details { margin: .3rem 0 0 1rem; } summary { cursor: pointer; } .about { color: var(--dim); }
.culprit > summary strong { color: var(--VIOLATED); }
pre { background: var(--box); padding: .6rem; overflow-x: auto; border-radius: 4px; margin: .3rem 0; }
pre mark { background: #ffd33d66; color: inherit; }
"""


def render(report: WaysReport, colour: bool) -> str:
    """The page; ``colour`` changes nothing."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: WaysReport) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>Ways to the plugin runs</title><style>{_STYLE}</style></head><body>"
    yield "<h1>Ways to the plugin runs</h1>"
    yield f"<p>{_summary(report)}</p>"
    if report.ways:
        yield from picture(report)
    for number, way in enumerate(report.ways, 1):
        yield from _section(report, number, way)
    yield "</body></html>"


def _summary(report: WaysReport) -> str:
    if not report.ways:
        return "No way leads to a plugin run."
    counts = [
        f'<span class="{verdict}">{count} {verdict}</span>'
        for verdict, count in report.by_verdict.items()
        if count
    ]
    return f"{counted(len(report.ways), 'way')}: {', '.join(counts)}."


def _section(report: WaysReport, number: int, way: Way) -> Iterator[str]:
    yield f'<section id="way{number}"><span class="verdict {way.verdict}">{way.verdict}</span>'
    title = " → ".join((way.hops[0].name, way.hops[-1].name))
    yield f"<h2>{number}. {text(title)}</h2>"
    if way.reason:
        yield f"<p>{text(way.reason)}</p>"
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
    place = Span(max(1, hop.line - _AROUND), 1, min(len(lines), hop.line + _AROUND), 1)
    shown = []
    for number in range(place.line, place.end_line + 1):
        line = f"{number:5}  {text(lines[number - 1].expandtabs(4))}"
        shown.append(f"<mark>{line}</mark>" if number == hop.line else line)
    return "\n".join(shown)


def text(raw: str) -> str:
    """``raw`` as text of the page."""
    return escape(printable(raw))
