"""Mermaid, as GitHub and GitLab draw it: text within it, and the evidence of a finding as a graph."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.model import Finding
from phase12_lint.reports.printable import printable

BROKEN = "stroke:#c62828,stroke-width:3px"
_MOST_HOPS = 40  # more is no picture; GitHub draws at most 50,000 characters
_MOST_TEXT = 200


def chart(finding: Finding) -> Iterator[str]:
    """The hops from above, the finding last and marked; none if it has no hops."""
    if not finding.trace:
        return
    yield "flowchart TD"
    hops = finding.trace[-_MOST_HOPS:]
    for number, hop in enumerate(hops):
        yield f'  n{number}["{_label(hop.note, hop.path, hop.line)}"]'
    last = len(hops)
    yield f'  n{last}["{_label(finding.message.partition(" (§")[0], finding.path, finding.span.line)}"]'
    yield from (f"  n{number} --> n{number + 1}" for number in range(last))
    yield f"  style n{last} {BROKEN}"
    yield f"  linkStyle {last - 1} {BROKEN}"


def quoted(text: str) -> str:
    """``text`` within quotes: Mermaid reads entities, and would read a quote, a bracket or markup as its own."""
    return "".join(c if c.isalnum() or c in " ._-/:,()" else f"#{ord(c)};" for c in printable(text))


def _label(what: str, path: str, line: int) -> str:
    told = what if len(what) <= _MOST_TEXT else what[: _MOST_TEXT - 1] + "…"
    return f"{quoted(told)}<br>{quoted(path)}:{line}"
