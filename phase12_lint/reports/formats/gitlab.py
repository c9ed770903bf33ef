"""GitLab's Code Quality report (GitLab's documents, "Code Quality report format")."""

from __future__ import annotations

import json
from typing import Any

from phase12_lint.model import Confidence, Finding, with_path
from phase12_lint.reports import Report
from phase12_lint.reports.printable import plain
from phase12_lint.reports.repository import in_repository

_SEVERITY = {Confidence.CERTAIN: "critical", Confidence.INFERRED: "major", Confidence.NAMED: "minor"}


def render(report: Report, colour: bool) -> str:
    """The report, in ASCII; ``colour`` changes nothing."""
    return json.dumps([_issue(finding) for finding in in_repository(report).findings], indent=2) + "\n"


def _issue(finding: Finding) -> dict[str, Any]:
    return {
        "description": plain(finding.message),
        "check_name": finding.code,
        "fingerprint": with_path(finding),
        "severity": _SEVERITY[finding.confidence],
        "location": {"path": plain(finding.path), "lines": {"begin": finding.span.line}},
    }
