"""A comment on a pull request: what is wrong, why, the broken path as a graph, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

from phase12_lint.model import Finding, Fix
from phase12_lint.reports import Report
from phase12_lint.reports.chart import chart
from phase12_lint.reports.excerpt import excerpt, source_lines
from phase12_lint.reports.markup import code, fenced, prose
from phase12_lint.reports.printable import printable
from phase12_lint.reports.ranking import by_severity
from phase12_lint.reports.repository import in_repository
from phase12_lint.reports.summary import counted, hidden, scope
from phase12_lint.rulebook import rulebook
from phase12_lint.sources.edits import whole_lines

COMMENT = 65_536  # characters that a comment on GitHub may have
_LANGUAGES = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".cfg": "ini"}
_RESERVE = 200  # bytes for the word of what is left out


def render(report: Report, colour: bool) -> str:
    """The report, no longer than a comment may be; ``colour`` changes nothing."""
    return within(COMMENT, report)


def within(most: int, report: Report) -> str:
    """The report in at most ``most`` bytes of UTF-8, the most severe findings first; says what is left out."""
    report = in_repository(report)
    told = [_block(_head(report))]
    size = len(told[0].encode())
    total = len(report.findings) + (len(report.suppressed) if report.show_suppressed else 0)
    for number, block in enumerate(_blocks(report), 1):
        size += len(block.encode())
        if size > most - (_RESERVE if number < total else 0):
            told.append(_block(_cut(total - number + 1)))
            break
        told.append(block)
    return "".join(told)


def _head(report: Report) -> Iterator[str]:
    found = counted(len(report.findings), "finding") if report.findings else "no findings"
    yield f"## phase12-lint: {found} in {counted(report.files, 'file')}{hidden(report)}"
    for note in scope(report):
        yield ""
        yield prose(note)


def _cut(number: int) -> Iterator[str]:
    yield f"**{counted(number, 'more finding')} left out for lack of space.** `phase12-lint check` shows all."


def _blocks(report: Report) -> Iterator[str]:
    """Each finding as what cannot be cut; what its rule says stands with the first of the rule."""
    found = by_severity(report.findings)
    groups: dict[str, list[Finding]] = {finding.code: [] for finding in found}
    for finding in found:
        groups[finding.code].append(finding)
    for group in groups.values():
        for number, finding in enumerate(group):
            yield _block([*([] if number else _rule(finding)), *_finding(report, finding)])
    for finding, reason in report.suppressed if report.show_suppressed else ():
        yield _block([f"Suppressed: {_title(finding)} {prose(reason) or 'no reason given'}"])


def _rule(finding: Finding) -> Iterator[str]:
    yield f"### {finding.code} {finding.name}"
    entry = rulebook().get(finding.code)
    if entry:
        yield ""
        yield f"**Why:** {_paragraph(entry.parts.get('Why', entry.summary))}"
        yield ""
        yield f"**How to fix it:** {entry.hint}"
    yield ""


def _finding(report: Report, finding: Finding) -> Iterator[str]:
    yield f"#### {_title(finding)}"
    yield ""
    yield f"{prose(finding.message)} _({finding.confidence.label})_"
    lines = [line.text for line in excerpt(source_lines(report.folder / finding.path), finding.span)]
    if lines:
        yield ""
        yield from fenced(dedent("\n".join(lines)).split("\n"), _LANGUAGES.get(Path(finding.path).suffix, ""))
    if finding.fix:
        yield from _suggested(source_lines(report.folder / finding.path), finding.fix)
    if finding.trace:
        yield ""
        yield "<details><summary>The broken path</summary>"
        yield ""
        yield from fenced(chart(finding), "mermaid")
        yield ""
        yield "</details>"


def _suggested(lines: Sequence[str], fix: Fix) -> Iterator[str]:
    """The fix, as what GitHub puts in the place of lines where the comment stands at them."""
    kind = "safe" if fix.safe else "unsafe"
    parts = list(whole_lines(lines, fix.edits))
    for number, (first, last, text) in enumerate(parts, 1):
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        part = f" ({number} of {len(parts)}, all or none)" if len(parts) > 1 else ""
        yield ""
        yield f"**Fix ({kind}):** {prose(fix.title)}, in the place of {where}{part}:"
        yield ""
        yield from fenced(map(printable, text.split("\n")[:-1]), "suggestion")


def _title(finding: Finding) -> str:
    return code(f"{finding.path}:{finding.span.line}")


def _paragraph(markdown: str) -> str:
    return " ".join(markdown.partition("\n\n")[0].split())


def _block(lines: Iterator[str] | list[str]) -> str:
    return "\n".join([*lines, "", ""])
