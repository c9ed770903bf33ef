"""Suppressions against findings: what is suppressed and why, which ``noqa`` is idle, which is not honoured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from phase12_lint.model import Finding
from phase12_lint.rules.suppression_without_reason import SuppressionWithoutReason
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources import SourceError, Suppression, decode, may_name_governance, read_suppressions


class Ledger:
    """The findings of a run split by the suppressions in ``files``, and what is to be said of those."""

    def __init__(self, files: Mapping[str, bytes], findings: Iterable[Finding]) -> None:
        self.findings: list[Finding] = []
        self.suppressed: list[tuple[Finding, str]] = []
        self.notes: list[str] = []
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            by_path.setdefault(finding.path, []).append(finding)
        for path, data in files.items():
            if path in by_path or not data.isascii() or may_name_governance(data):
                self._file(path, data, by_path.pop(path, []))
        for rest in by_path.values():
            self.findings += rest

    def _file(self, path: str, data: bytes, findings: list[Finding]) -> None:
        try:
            suppressions = read_suppressions(decode(data))
        except SourceError:
            suppressions = ()
        for finding in findings:
            self._judge(finding, suppressions)
        for suppression in suppressions:
            raised = {f.code for f in findings if _covers(suppression, f)}
            for finding in (
                *UnusedSuppression().check(path, suppression, raised),
                *SuppressionWithoutReason().check(path, suppression),
            ):
                self._judge(finding, suppressions)

    def _judge(self, finding: Finding, suppressions: Iterable[Suppression]) -> None:
        for suppression in suppressions:
            if _covers(suppression, finding):
                if suppression.codes and suppression.names(finding.code):
                    self.suppressed.append((finding, suppression.reason))
                    return
                if not suppression.codes:
                    line = f"{finding.path}:{suppression.line}"
                    self.notes.append(
                        f"{line}: a bare noqa does not hide {finding.code}; name the code and a reason"
                    )
        self.findings.append(finding)


def _covers(suppression: Suppression, finding: Finding) -> bool:
    return suppression.first_line <= finding.span.line <= suppression.last_line
