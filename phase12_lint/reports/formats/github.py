"""Workflow commands, which GitHub Actions shows as annotations of the lines; and the summary of the job.

Escaped as ``@actions/core`` does (``packages/core/src/command.ts``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from phase12_lint.model import Finding
from phase12_lint.reports import Report
from phase12_lint.reports.formats.concise import line
from phase12_lint.reports.printable import printable
from phase12_lint.reports.ranking import by_severity, level
from phase12_lint.reports.repository import in_repository
from phase12_lint.reports.summary import closing, counted
from phase12_lint.rulebook import rulebook

SHOWN = 10  # annotations of each level that GitHub shows of one step
_MOST_TEXT = 4_096  # characters of a message that the runner hands on
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


def render(report: Report, colour: bool) -> str:
    """The report, the most severe findings first; ``colour`` changes nothing."""
    return "".join(f"{line}\n" for line in (*_lines(report), *closing(report)))


def _lines(report: Report) -> Iterator[str]:
    """A command for as many findings as are shown, a plain line for each other, and how many those are."""
    shown: dict[str, list[Finding]] = defaultdict(list)
    rest: list[Finding] = []
    for finding in by_severity(in_repository(report).findings):
        held = shown[level(finding)]
        (held if len(held) < SHOWN else rest).append(finding)
    for findings in shown.values():
        yield from map(_command, findings)
    if rest:
        yield from map(_plain, rest)
        yield (
            f"::notice title=phase12-lint::{counted(len(rest), 'more finding')} in the log: "
            f"GitHub shows {SHOWN} errors and {SHOWN} warnings of a step"
        )


def _command(finding: Finding) -> str:
    span = finding.span
    properties = {"file": finding.path, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns within one line only
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    properties["title"] = f"{finding.code} {finding.name}"
    written = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{level(finding)} {written}::{_escaped(_told(finding), _DATA)}"


def _told(finding: Finding) -> str:
    """What is found, the hops and the hint; without the hops that are farthest from the finding if it is too long."""
    hops = [printable(f"{hop.path}:{hop.line}: {hop.note}") for hop in finding.trace]
    hint = [f"How to fix: {rulebook()[finding.code].hint}"] if finding.code in rulebook() else []
    for number in range(len(hops) + 1):
        cut = [f"... {counted(number, 'hop')} left out"] if number else []
        told = "\n".join([line(finding), *cut, *hops[number:], *hint])
        if len(told) <= _MOST_TEXT:
            break
    return told


def _plain(finding: Finding) -> str:
    """A line of the log; the runner obeys ``##[`` wherever it stands in one."""
    return line(finding).replace("##[", "## [")


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(c) or printable(c) for c in text)
