"""How the reports for people end."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.model import Governed
from phase12_lint.reports import Report


def closing(report: Report) -> Iterator[str]:
    """The last lines of ``report``: the count of each code if asked for, and of all unless quiet."""
    if report.statistics and report.findings:
        if not report.quiet:
            yield ""
        names = {finding.code: finding.name for finding in report.findings}
        widest = max(len(str(count)) for count in report.by_code.values())
        for code, count in report.by_code.items():
            yield f"{count:{widest}}  {code}  {names[code]}"
    if not report.quiet:
        if report.findings:
            yield ""
        found = counted(len(report.findings), "finding") if report.findings else "No findings"
        yield f"{found} in {counted(report.files, 'file')}{hidden(report)}."
        if report.governed is not None:
            yield f"Governed: {governed(report.governed)}."


def governed(extent: Governed) -> str:
    """How much is governed, count by count (docs/command.md says what each counts)."""
    if not extent.guards:
        return "nothing"
    counts = (
        counted(extent.plugin_classes, "plugin class", "plugin classes"),
        counted(extent.choke_points, "choke point"),
        counted(extent.routes, "route"),
        counted(extent.calls, "call"),
        counted(extent.runs, "plugin run"),
    )
    return ", ".join(counts)


def hidden(report: Report) -> str:
    """How many findings are suppressed and in the baseline, in brackets after a space; empty if none is."""
    numbers = ((len(report.suppressed), "suppressed"), (len(report.baselined), "in the baseline"))
    told = ", ".join(f"{number:,} {where}" for number, where in numbers if number)
    return f" ({told})" if told else ""


def scope(report: Report) -> Iterator[str]:
    """What the findings are chosen by, as sentences."""
    yield from (f"{said[:1].upper()}{said[1:]}." for said in report.scope)


def counted(number: int, noun: str, plural: str = "") -> str:
    """``number`` and ``noun``, in the ``plural`` (with an s, if none is given) unless it is one."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
