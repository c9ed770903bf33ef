"""JUnit's XML, as Jenkins, GitLab and others read it: each finding is a test that failed.

Checked against the schema of Jenkins' xunit plugin (``junit-10.xsd``).
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from phase12_lint.model import Finding
from phase12_lint.reports import Report
from phase12_lint.reports.account import Account
from phase12_lint.reports.printable import printable


def render(report: Report, colour: bool) -> str:
    """The report; ``colour`` changes nothing. With nothing found it has one test, which passed."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    hidden = report.suppressed if report.show_suppressed else ()
    failures = len(report.findings)
    tests = max(failures, 1) + len(hidden)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="phase12-lint" tests="{tests}" failures="{failures}" errors="0">'
    counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="{len(hidden)}"'
    yield f'  <testsuite name="phase12-lint" {counts}>'
    account = Account(report.folder, colour=False)
    for finding in report.findings:
        yield from _failed(finding, account)
    if not failures:
        yield '    <testcase classname="phase12-lint" name="every plugin runs through the choke point"/>'
    for finding, reason in hidden:
        yield f"    {_opening(finding)}<skipped message={_attribute(reason or 'no reason given')}/></testcase>"
    yield "  </testsuite>"
    yield "</testsuites>"


def _failed(finding: Finding, account: Account) -> Iterator[str]:
    yield f"    {_opening(finding)}"
    told = _characters("\n".join(account.lines(finding)))
    message = _attribute(finding.message)
    yield f'      <failure type="{finding.code}" message={message}>{escape(told)}</failure>'
    yield "    </testcase>"


def _opening(finding: Finding) -> str:
    """The file as the class: readers group by it."""
    name = f"{finding.code} {finding.name} at {finding.span.line}:{finding.span.column}"
    return f"<testcase classname={_attribute(finding.path)} name={_attribute(name)}>"


def _attribute(text: str) -> str:
    return quoteattr(_characters(printable(text)))


def _characters(text: str) -> str:
    """``text`` without what XML 1.0 has no way to hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
