"""One page that needs nothing else: what is found, where it stands among the layers, and the evidence with its source.

It reads without JavaScript; with it, findings can be searched and filtered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from phase12_lint.model import Finding, Hop
from phase12_lint.reports import Report
from phase12_lint.reports.excerpt import point, source_lines
from phase12_lint.reports.formats import _html_picture, _html_rules
from phase12_lint.reports.formats._html_script import SCRIPT, STYLE
from phase12_lint.reports.page import closing, opening, prose, source, text
from phase12_lint.reports.ranking import by_severity
from phase12_lint.reports.summary import counted, hidden, scope
from phase12_lint.rulebook import rulebook

_TITLE = "phase12-lint: findings"
_AROUND, _AROUND_HOP = 3, 1  # lines of source before and after a place


def render(report: Report, colour: bool) -> str:
    """The page, the most severe findings first; ``colour`` changes nothing."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    shown: list[tuple[Finding, str]] = [(finding, "") for finding in by_severity(report.findings)]
    yield from opening(_TITLE, STYLE, SCRIPT)
    yield f"<p>{_summary(report)}</p>"
    yield from (f'<p class="about">{prose(note)}</p>' for note in scope(report))
    if report.pipelines:
        yield from _html_picture.pictures(report.pipelines, [finding for finding, _ in shown])
    if report.show_suppressed:
        shown += [(finding, reason or "no reason given") for finding, reason in report.suppressed]
    yield from _filter([finding for finding, _ in shown])
    for number, (finding, reason) in enumerate(shown, 1):
        yield from _section(report, number, finding, reason)
    yield from _html_rules.sections({finding.code for finding, _ in shown})
    yield from closing(SCRIPT)


def _summary(report: Report) -> str:
    found = counted(len(report.findings), "finding") if report.findings else "No findings"
    codes = ", ".join(
        f'<a href="#{code}">{code}</a>&nbsp;{count:,}' for code, count in report.by_code.items()
    )
    return f"{found} in {counted(report.files, 'file')}{hidden(report)}{': ' if codes else ''}{codes}."


def _filter(findings: list[Finding]) -> Iterator[str]:
    """Hidden until the script that it needs shows it."""
    if not findings:
        return
    codes = Counter(finding.code for finding in findings)
    words = Counter(finding.confidence.label for finding in findings)
    yield '<form id="filter" hidden><label>Search <input id="search" type="search"></label>'
    for name, title, counts in (("code", "Code", codes), ("confidence", "Confidence", words)):
        yield f'<label>{title} <select id="{name}"><option value="">all</option>'
        yield from (f'<option value="{each}">{each} ({counts[each]:,})</option>' for each in sorted(counts))
        yield "</select></label>"
    yield '<output id="count" aria-live="polite"></output></form>'


def _section(report: Report, number: int, finding: Finding, reason: str) -> Iterator[str]:
    span, word = finding.span, finding.confidence.label
    kind = "finding suppressed" if reason else "finding"
    yield f'<section id="f{number}" class="{kind}" data-code="{finding.code}" data-confidence="{word}">'
    yield f'<h2><a href="#{finding.code}">{finding.code}</a> {text(finding.name)}</h2>'
    yield f'<span class="word {word}">{word}</span>'
    yield f'<p>{prose(finding.message)}</p><p class="about">{text(finding.path)}:{span.line}:{span.column}</p>'
    if reason:
        yield f"<p>Suppressed: {text(reason)}</p>"
    lines = source_lines(report.folder / finding.path)
    if lines:
        yield f"<pre>{source(lines, span, _AROUND)}</pre>"
    if finding.trace:
        yield f"<details><summary>The evidence, {counted(len(finding.trace), 'hop')}</summary><ol>"
        for hop in finding.trace:
            yield from _hop(report, hop)
        yield "</ol></details>"
    if finding.code in rulebook():
        yield f"<p><strong>How to fix it:</strong> {prose(rulebook()[finding.code].hint)}</p>"
    yield "</section>"


def _hop(report: Report, hop: Hop) -> Iterator[str]:
    yield f'<li>{prose(hop.note)} <span class="about">{text(hop.path)}:{hop.line}:{hop.column}</span>'
    lines = source_lines(report.folder / hop.path)
    if lines:
        yield f"<pre>{source(lines, point(lines, hop.line, hop.column), _AROUND_HOP)}</pre>"
    yield "</li>"
