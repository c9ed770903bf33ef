"""A finding as a SARIF result: place, fingerprint, evidence and fix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from phase12_lint.model import Finding, Fix, Hop, Span, with_path
from phase12_lint.reports.printable import plain
from phase12_lint.reports.ranking import level

MOST_FLOW = 1_000  # thread flow locations of a result that code scanning shows


def result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    """``finding`` as a ``result``; ``index`` has the place of each rule in the list of rules."""
    told: dict[str, Any] = {
        "ruleId": finding.code,
        "level": level(finding),
        "message": message(finding.message),
        "locations": [_location(finding.path, _region(finding.span))],
        "partialFingerprints": {"primaryLocationLineHash": with_path(finding)},
        "properties": {"confidence": finding.confidence.label, "section": finding.section},
    }
    if finding.code in index:
        told["ruleIndex"] = index[finding.code]
    if finding.trace:
        told["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding)}]}]
    if finding.fix:
        told["fixes"] = [_fix(finding.path, finding.fix)]
    return told


def message(text: str) -> dict[str, str]:
    """A ``message``; code such as ``handlers[name](page)`` in it is no link (SARIF, 3.11.6)."""
    return {"text": re.sub(r"\[(?=[^\[\]]*\]\()", r"\\[", plain(text))}


def is_cut(finding: Finding) -> bool:
    """Whether not all of the evidence is in the result."""
    return len(finding.trace) >= MOST_FLOW


def _flow(finding: Finding) -> list[dict[str, Any]]:
    """The hops nearest to the finding, and the finding itself."""
    hops = finding.trace[-(MOST_FLOW - 1) :]
    steps = [_location(hop.path, _point(hop)) | {"message": message(hop.note)} for hop in hops]
    end = _location(finding.path, _region(finding.span)) | {"message": message(finding.message)}
    return [{"location": step} for step in (*steps, end)]


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    uri = quote(path.encode("utf-8", "surrogateescape"))
    artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _point(hop: Hop) -> dict[str, int]:
    return _region(Span(hop.line, hop.column, hop.line, hop.column + 1))


def _fix(path: str, fix: Fix) -> dict[str, Any]:
    artifact = _location(path, {})["physicalLocation"]["artifactLocation"]
    replacements = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": plain(edit.text)}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": artifact, "replacements": replacements}
    return {"description": {"text": plain(fix.title)}, "artifactChanges": [change]}
