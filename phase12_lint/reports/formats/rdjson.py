"""Reviewdog's Diagnostic Format (``proto/rdf`` of reviewdog). Its columns count bytes of UTF-8, from 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from phase12_lint.model import Finding, Span
from phase12_lint.reports import Report
from phase12_lint.reports.excerpt import source_lines, source_text
from phase12_lint.reports.formats.concise import line
from phase12_lint.reports.links import documentation, rule_url
from phase12_lint.reports.printable import plain
from phase12_lint.reports.ranking import level
from phase12_lint.rulebook import rulebook
from phase12_lint.sources.edits import merged


def render(report: Report, colour: bool) -> str:
    """The report, in ASCII; ``colour`` changes nothing."""
    document = {
        "source": {"name": "phase12-lint", **({"url": documentation()} if documentation() else {})},
        "severity": "ERROR",
        "diagnostics": [_diagnostic(report.folder, finding) for finding in report.findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _diagnostic(folder: Path, finding: Finding) -> dict[str, Any]:
    lines = source_lines(folder / finding.path)
    url = rule_url(finding.code)
    told: dict[str, Any] = {
        "message": plain("\n".join(_told(finding))),
        "location": {"path": plain(finding.path), "range": _range(lines, finding.span)},
        "severity": level(finding).upper(),
        "code": {"value": finding.code, **({"url": url} if url else {})},
        "original_output": line(finding),
    }
    if finding.fix:  # each suggestion is one that fixes by itself
        edit = (
            merged(source_text(folder / finding.path), finding.fix.edits)
            if len(finding.fix.edits) > 1
            else finding.fix.edits[0]
        )
        told["suggestions"] = [{"range": _range(lines, edit.span), "text": plain(edit.text)}]
    return told


def _told(finding: Finding) -> list[str]:
    """What a reviewer reads: reviewdog shows no more than the message."""
    hops = [f"- {hop.path}:{hop.line}: {hop.note}" for hop in finding.trace]
    hint = [f"How to fix: {rulebook()[finding.code].hint}"] if finding.code in rulebook() else []
    return [finding.message, *(["", *hops] if hops else []), *(["", *hint] if hint else [])]


def _range(lines: tuple[str, ...], span: Span) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": span.line, "column": _bytes(lines, span.line, span.column)},
        "end": {"line": span.end_line, "column": _bytes(lines, span.end_line, span.end_column)},
    }


def _bytes(lines: tuple[str, ...], number: int, column: int) -> int:
    """The column in bytes; as it is where there is no such line."""
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    before = text[: column - 1]
    return column - len(before) + len(before.encode("utf-8", "surrogatepass"))
