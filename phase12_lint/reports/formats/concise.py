"""One line a finding, as editors and ``grep`` read it: ``path:line:column: CODE message``."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.model import Finding
from phase12_lint.reports import Report
from phase12_lint.reports.printable import printable, printable_path
from phase12_lint.reports.summary import closing


def render(report: Report, colour: bool) -> str:
    """The report; ``colour`` changes nothing."""
    return "".join(f"{line}\n" for line in (*_lines(report), *closing(report)))


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield line(finding)
    if report.show_suppressed:
        for finding, reason in report.suppressed:
            yield f"{line(finding)} [suppressed: {printable(reason) or 'no reason given'}]"


def line(finding: Finding) -> str:
    """``finding`` on a line."""
    place = f"{printable_path(finding.path)}:{finding.span.line}:{finding.span.column}"
    return f"{place}: {finding.code} {printable(finding.message)}"
