"""Suppressions against findings: what is suppressed and why, which ``noqa`` is stale, which is not honoured."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from tokenize import COMMENT, generate_tokens

from phase12_lint.faults import told
from phase12_lint.model import Finding, Noqa
from phase12_lint.rulebook import OURS
from phase12_lint.rules.suppression_without_reason import SuppressionWithoutReason
from phase12_lint.rules.unparsable_file import UnparsableFile
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources import SourceError, Suppression, decode, may_name_codes, read_suppressions

_UTF_8 = re.compile(rb"coding[:=][ \t]*utf-?8\b", re.IGNORECASE)


class Ledger:
    """The findings of a run split by the suppressions in ``files``, and what is to be said of those.

    ``suppressing`` are the files in which there may be a suppression of a finding, or an idle one. Beside our own codes
    it knows ``others``, those of rules of a team's own that were asked.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        suppressing: Iterable[str],
        findings: Iterable[Finding],
        others: Collection[str] = (),
    ) -> None:
        self._others = frozenset(others)
        self.findings: list[Finding] = []
        self.suppressed: list[tuple[Finding, str]] = []
        self.notes: list[str] = []
        self.noqas: list[Noqa] = []
        self.errors: list[str] = []
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            by_path.setdefault(finding.path, []).append(finding)
        for path in sorted({*suppressing, *by_path}.intersection(files)):
            self._file(path, files[path], by_path.pop(path, []))
        for rest in by_path.values():
            self.findings += rest

    def _file(self, path: str, data: bytes, findings: list[Finding]) -> None:
        text = ""
        suppressions: Sequence[Suppression] = ()
        try:
            text = decode(data)
            suppressions = read_suppressions(text)
        except SourceError:
            pass
        except Exception as error:  # nothing in the file is taken to be suppressed
            self.errors.append(told("suppressions", error, path))
            self.findings += findings
            return
        for finding in findings:
            self._judge(finding, suppressions)
        if any(finding.code == UnparsableFile.code for finding in findings):
            return
        raised_by = {each: {f.code for f in findings if _covers(each, f)} for each in suppressions}
        for suppression, codes in self._ours(text, raised_by):
            raised = raised_by[suppression]
            noqa = _noqa(path, suppression, codes, raised)
            self.noqas.append(noqa)
            for finding in (*UnusedSuppression().check(noqa), *SuppressionWithoutReason().check(noqa)):
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

    def _ours(
        self, text: str, raised_by: Mapping[Suppression, set[str]]
    ) -> Iterator[tuple[Suppression, tuple[str, ...]]]:
        """The suppressions that name codes of ours, with these: all in comments, and what texts suppress.

        flake8 honours texts as well. A text that suppresses nothing is a text.
        """
        named = [(each, tuple(filter(self._is_ours, each.codes))) for each in raised_by]
        ours = [(each, codes) for each, codes in named if codes]
        if ours:
            tokens = generate_tokens(StringIO(text, newline=None).readline)
            spans = {token.start[0]: token.start[1] for token in tokens if token.type == COMMENT}
            for each, codes in ours:
                if not (each.line in spans and each.column > spans[each.line]):
                    codes = tuple(code for code in codes if any(r.startswith(code) for r in raised_by[each]))
                if codes:
                    yield each, codes

    def _is_ours(self, code: str) -> bool:
        return code.startswith(OURS) or code in self._others


def _noqa(path: str, suppression: Suppression, codes: tuple[str, ...], raised: Iterable[str]) -> Noqa:
    """``suppression``, of which ``codes`` are ours, where ``raised`` are the codes of the findings on its lines."""
    stale = tuple(code for code in codes if not any(each.startswith(code) for each in raised))
    return Noqa(path, suppression.line, suppression.column, codes, stale, suppression.reason)


def _covers(suppression: Suppression, finding: Finding) -> bool:
    return suppression.first_line <= finding.span.line <= suppression.last_line


def may_suppress(data: bytes, others: Iterable[str] = ()) -> bool:
    """Whether the file with the content ``data`` may name one of our codes in a ``noqa``, or one of ``others``.

    In whatever encoding it is.
    """
    head = data[:400]
    if b"coding" in head and _UTF_8.search(head) is None:
        return True
    is_named = any(word.encode() in data for word in (OURS, *others))
    return is_named and (not data.isascii() or may_name_codes(data))  # any character may be a space
