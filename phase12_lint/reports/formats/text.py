"""For a person: each finding told at length, then how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.reports import Report
from phase12_lint.reports.summary import closing


def render(report: Report, colour: bool) -> str:
    """The report, with terminal colours if ``colour``."""
    return "".join(f"{line}\n" for line in (*_lines(report, colour), *closing(report)))


def _lines(report: Report, colour: bool) -> Iterator[str]:
    shown = [(finding, "") for finding in report.findings]
    if report.show_suppressed:
        shown += [(finding, reason or "no reason given") for finding, reason in report.suppressed]
    if not shown:
        return
    from phase12_lint.reports.account import Account

    account = Account(report.folder, colour)
    for number, (finding, reason) in enumerate(shown):
        yield from [""] if number else []
        yield from account.lines(finding, reason)
