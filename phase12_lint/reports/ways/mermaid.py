"""A flow chart for what draws Mermaid, such as the description of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from phase12_lint.calls.path_verdicts import PROVED, UNRESOLVED, VIOLATED, Step
from phase12_lint.reports.chart import BROKEN, quoted
from phase12_lint.reports.ways import WaysReport

_WORST = {PROVED: 0, UNRESOLVED: 1, VIOLATED: 2}
_LINKS = {0: "stroke:#2a7d3f", 1: "stroke:#b07800,stroke-dasharray:4 3", 2: BROKEN}
_Node = tuple[str, str, str]


def render(report: WaysReport, colour: bool) -> str:
    """The chart; ``colour`` changes nothing, the links have theirs."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: WaysReport) -> Iterator[str]:
    ids: dict[_Node, str] = {}
    links: dict[tuple[str, str], tuple[str, int]] = {}
    for way in report.ways:
        nodes = [_node(hop, number == len(way.hops) - 1) for number, hop in enumerate(way.hops)]
        for node in nodes:
            ids.setdefault(node, f"n{len(ids)}")
        for at, (one, other) in enumerate(pairwise(nodes), 1):
            worst = _WORST[way.verdict] if at == way.culprit else 0
            link = (ids[one], ids[other])
            hop = way.hops[at]
            before = links.get(link, ("", 0))
            links[link] = (f"{hop.path}:{hop.line} ({hop.evidence})", max(worst, before[1]))
    yield "flowchart TD"
    yield from _nodes(report, ids)
    for (source, target), (label, _) in links.items():
        yield f'  {source} -->|"{quoted(label)}"| {target}'
    for number, (_, grade) in enumerate(links.values()):
        yield f"  linkStyle {number} {_LINKS[grade]}"


def _nodes(report: WaysReport, ids: dict[_Node, str]) -> Iterator[str]:
    layers = [*report.layers, *sorted({layer for layer, _, _ in ids} - {*report.layers, ""}), ""]
    for number, layer in enumerate(layers):
        held = [(node, name) for node, name in ids.items() if node[0] == layer]
        if not held:
            continue
        if layer:
            yield f'  subgraph layer{number}["{quoted(layer)}"]'
        yield from (f'    {name}["{quoted(node[1])}"]' for node, name in held)
        if layer:
            yield "  end"


def _node(hop: Step, is_last: bool) -> _Node:
    return (hop.layer, hop.name, f"{hop.path}:{hop.line}" if is_last else "")
