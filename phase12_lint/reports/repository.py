"""Paths as a forge reads them: from the root of the repository, whatever folder the command ran in."""

from __future__ import annotations

from phase12_lint.reports import Report, seen_from


def in_repository(report: Report) -> Report:
    """``report`` from the repository around the working directory; as it is where there is none."""
    around = (report.folder, *report.folder.parents)
    root = next((folder for folder in around if (folder / ".git").exists()), report.folder)
    if root == report.folder:
        return report
    return report._replace(
        folder=root,
        findings=tuple(seen_from(root, report.folder, finding) for finding in report.findings),
        suppressed=tuple((seen_from(root, report.folder, each), why) for each, why in report.suppressed),
    )
