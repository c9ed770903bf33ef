"""The summary of a job of GitHub Actions: a file named by the environment, to which each step appends Markdown."""

from __future__ import annotations

import os
from pathlib import Path

from phase12_lint.reports import Report

VARIABLE = "GITHUB_STEP_SUMMARY"
MOST = 1024 * 1024  # bytes that GitHub takes of one step; with more it takes none


def job_summary(report: Report) -> str:
    """Append ``report`` to the summary if there is one; what is to be said if that fails, which fails no check."""
    name = os.environ.get(VARIABLE)
    if not name:
        return ""
    from phase12_lint.reports.formats.markdown import within

    path = Path(name)
    try:
        there = path.stat().st_size if path.exists() else 0
        told = within(MOST - there, report).encode("utf-8", "backslashreplace")
        if there + len(told) > MOST:
            return f"{VARIABLE}: {name} has no room for a summary"
        with path.open("ab") as summary:
            summary.write(told)
    except OSError as error:
        return f"{VARIABLE}: cannot write {name}: {error.strerror}"
    return ""
