"""Suppressions against findings: what is suppressed and why, which ``noqa`` is idle, which is not honoured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from tokenize import COMMENT, tokenize

from phase12_lint.faults import told
from phase12_lint.model import Finding
from phase12_lint.rules.suppression_without_reason import SuppressionWithoutReason
from phase12_lint.rules.unparsable_file import UnparsableFile
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources import SourceError, Suppression, decode, may_name_governance, read_suppressions

_UTF_8 = re.compile(rb"coding[:=][ \t]*utf-?8\b", re.IGNORECASE)


class Ledger:
    """The findings of a run split by the suppressions in ``files``, and what is to be said of those."""

    def __init__(self, files: Mapping[str, bytes], findings: Iterable[Finding]) -> None:
        self.findings: list[Finding] = []
        self.suppressed: list[tuple[Finding, str]] = []
        self.notes: list[str] = []
        self.errors: list[str] = []
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            by_path.setdefault(finding.path, []).append(finding)
        for path, data in files.items():
            if path in by_path or _may_name_governance(data):
                self._file(path, data, by_path.pop(path, []))
        for rest in by_path.values():
            self.findings += rest

    def _file(self, path: str, data: bytes, findings: list[Finding]) -> None:
        try:
            suppressions = read_suppressions(decode(data))
        except SourceError:
            suppressions = ()
        except Exception as error:  # nothing in the file is taken to be suppressed
            self.errors.append(told("suppressions", error, path))
            self.findings += findings
            return
        for finding in findings:
            self._judge(finding, suppressions)
        if any(finding.code == UnparsableFile.code for finding in findings):
            return
        for suppression in _in_comments(data, suppressions):
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


def _in_comments(data: bytes, suppressions: Sequence[Suppression]) -> list[Suppression]:
    """Those of ``suppressions`` that name a code of ours and stand in a comment; flake8 honours texts as well."""
    ours = [each for each in suppressions if any(code.startswith("GOV") for code in each.codes)]
    if not ours:
        return []
    comments = [token for token in tokenize(BytesIO(data).readline) if token.type == COMMENT]
    spans = {token.start[0]: token.start[1] for token in comments}
    return [each for each in ours if each.line in spans and each.column > spans[each.line]]


def _covers(suppression: Suppression, finding: Finding) -> bool:
    return suppression.first_line <= finding.span.line <= suppression.last_line


def _may_name_governance(data: bytes) -> bool:
    """The same in any encoding, and with any character for a space."""
    head = data[:400]
    if b"coding" in head and _UTF_8.search(head) is None:
        return True
    return b"GOV" in data and (not data.isascii() or may_name_governance(data))
