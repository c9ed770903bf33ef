"""The stable form for programs (PRODUCT, "JSON"); ``suppressed`` stands in it when asked for."""

from __future__ import annotations

import json
from typing import Any

from phase12_lint.model import Finding, Fix
from phase12_lint.reports import Report
from phase12_lint.reports.printable import plain

VERSION = 1


def render(report: Report, colour: bool) -> str:
    """The report, in ASCII, as ``json`` escapes; ``colour`` changes nothing."""
    document: dict[str, Any] = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in report.findings],
    }
    if report.show_suppressed:
        document["suppressed"] = [
            _finding(finding) | {"reason": plain(why)} for finding, why in report.suppressed
        ]
    document["summary"] = {
        "files": report.files,
        "findings": len(report.findings),
        "suppressed": len(report.suppressed),
        "baselined": len(report.baselined),
        "by_code": report.by_code,
        "incomplete": [plain(each) for each in report.incomplete],
        "elapsed_s": round(report.elapsed, 3),
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "code": finding.code,
        "name": finding.name,
        "path": plain(finding.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": plain(finding.message),
        "section": finding.section,
        "confidence": finding.confidence.label,
        "fingerprint": finding.fingerprint,
        "trace": [
            hop._asdict() | {"path": plain(hop.path), "note": plain(hop.note)} for hop in finding.trace
        ],
        "fix": _fix(finding.fix),
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [edit.span._asdict() | {"text": plain(edit.text)} for edit in fix.edits]
    return {"title": plain(fix.title), "applicability": "safe" if fix.safe else "unsafe", "edits": edits}
