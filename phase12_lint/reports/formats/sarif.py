"""SARIF 2.1.0 (OASIS), within what GitHub's code scanning takes of it.

Source of the limits: GitHub's documents, "SARIF support for code scanning" and "SARIF results exceed limits".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from phase12_lint.model import Finding
from phase12_lint.reports import Report
from phase12_lint.reports.formats import _sarif_results, _sarif_rules
from phase12_lint.reports.ranking import by_severity
from phase12_lint.reports.repository import in_repository
from phase12_lint.reports.summary import hidden, scope

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS, SHOWN_RESULTS = 25_000, 5_000
MOST_BYTES = 10_000_000  # of the file in gzip

_Told = tuple[Finding, str | None]  # with the reason if it is suppressed


def render(report: Report, colour: bool) -> str:
    """The report, in ASCII, the most severe findings first; ``colour`` changes nothing."""
    report = in_repository(report)
    told: list[_Told] = [(finding, None) for finding in by_severity(report.findings)]
    told += report.suppressed if report.show_suppressed else ()
    asides = [*scope(report), *_not_told(report)]
    kept = told[:MOST_RESULTS]
    text = _document(kept, len(told), asides)
    while (size := _packed(text)) > MOST_BYTES and kept:
        kept = kept[: int(len(kept) * 0.9 * MOST_BYTES / size)]
        text = _document(kept, len(told), asides)
    return text


def _not_told(report: Report) -> Iterator[str]:
    """What is left out on purpose: code scanning would open an alert for it."""
    told = hidden(report._replace(suppressed=()) if report.show_suppressed else report)
    if told:
        yield f"Not among the results:{told}."


def _packed(text: str) -> int:
    """How many bytes ``text``, which is ASCII, has in gzip; an upper bound where that is little enough."""
    if len(text) <= MOST_BYTES:
        return len(text)
    import gzip

    return len(gzip.compress(text.encode("ascii"), mtime=0))


def _document(kept: Sequence[_Told], told: int, asides: Sequence[str]) -> str:
    """``kept`` of ``told`` findings, and what else is to be said."""
    rules = _sarif_rules.rules()
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [_sarif_results.result(finding, index) | _suppressed(reason) for finding, reason in kept]
    said = [("note", aside) for aside in asides] + [("warning", note) for note in _notes(kept, told)]
    notes = [{"level": level, "message": _sarif_results.message(text)} for level, text in said]
    run = {
        "tool": {"driver": _sarif_rules.driver(rules)},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    # On one line: with 25,000 results, indented JSON takes ten times as long to write.
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _suppressed(reason: str | None) -> dict[str, Any]:
    if reason is None:
        return {}
    said = {"justification": _sarif_results.message(reason)["text"]} if reason else {}
    return {"suppressions": [{"kind": "inSource", **said}]}


def _notes(kept: Sequence[_Told], told: int) -> Iterator[str]:
    if len(kept) < told:
        yield (
            f"{told - len(kept):,} of {told:,} findings, the least severe, are left out: code scanning takes "
            f"{MOST_RESULTS:,} results and {MOST_BYTES // 1_000_000} MB in gzip"
        )
    if len(kept) > SHOWN_RESULTS:
        yield f"code scanning shows the first {SHOWN_RESULTS:,} of these {len(kept):,} results, the most severe"
    if cut := sum(_sarif_results.is_cut(finding) for finding, _ in kept):
        have = (
            "1 result has only the last hops of its"
            if cut == 1
            else f"{cut:,} results have only the last hops of their"
        )
        yield f"{have} evidence: code scanning shows {_sarif_results.MOST_FLOW:,} locations of one"
