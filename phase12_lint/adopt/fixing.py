"""Fixes applied to a project: in passes, each as many as do not touch one another, until none is left.

After each pass the program is analysed again. What was fixed has to be gone, every file has to parse, and nothing may
be found that was not there; else the pass is halved until the fixes that do not hold are alone, and these are taken
back. A fix that is taken back is not tried again, so it ends: each pass removes a finding for good or a fix from what
is tried, and ``MOST_PASSES`` bounds what overlapping fixes may take.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from phase12_lint.adopt.taken import imported_at_the_top, is_taken_in, module_of
from phase12_lint.engine import Outcome, Progress, Request, run
from phase12_lint.fixes.imports import without_unused
from phase12_lint.index.words import Words
from phase12_lint.inspect.no_change import NoChange
from phase12_lint.model import Finding, with_path
from phase12_lint.sources import Contents, SourceError, decode, encode, list_files, read_bytes
from phase12_lint.sources.edits import applied, overlap
from phase12_lint.syntax.modules import Module

MOST_PASSES = 20
_CONFLICT = re.compile(rb"^(?:<{7}|\|{7}|>{7})(?: |\r?$)", re.MULTILINE)
_UNREADABLE = "GOV001"

Wanted = Callable[[Outcome], Collection[Finding]]
_Count = Counter[tuple[str, str]]


class Changed(NamedTuple):
    """A file that fixes change: as it was and as it is to be, in text and in bytes."""

    path: str
    before: str
    after: str
    was: bytes
    data: bytes


class Applied(NamedTuple):
    """What fixes make of a project: the files that change, which findings are ``fixed``, and which not, and why.

    ``errors`` are what rules, and the makers of fixes, raised.
    """

    files: tuple[Changed, ...]
    fixed: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]
    errors: tuple[str, ...]


def fixed(request: Request, wanted: Wanted, unsafe: bool, progress: Progress | None = None) -> Applied:
    """Apply the fixes of the findings that are ``wanted`` of each outcome, the safe ones or all; nothing is written."""
    return _Fixing(request._replace(fixes=True, enforcement=False), wanted, unsafe, progress).run()


class _Fixing:
    def __init__(self, request: Request, wanted: Wanted, unsafe: bool, progress: Progress | None) -> None:
        self._request = request
        self._wanted = wanted
        self._unsafe = unsafe
        self._progress = progress
        self._was: dict[str, bytes] = {}
        self._texts: dict[str, str] = {}
        self._fixed: list[Finding] = []
        self._refused: dict[tuple[str, str, str], tuple[Finding, str]] = {}

    def run(self) -> Applied:
        """The passes."""
        outcome = self._analysed(self._texts)
        errors = outcome.errors
        for _ in range(MOST_PASSES):
            chosen = self._chosen(outcome)
            if not chosen:
                break
            held, after = self._held(outcome, [], chosen, outcome)
            self._fixed += held
            self._texts, outcome = self._with(held), after
        self._tidy(outcome)
        files = [
            Changed(path, decode(self._was[path]), text, self._was[path], _encoded(text, self._was[path]))
            for path, text in sorted(self._texts.items())
        ]
        return Applied(tuple(files), tuple(self._fixed), tuple(self._refused.values()), errors)

    def _tidy(self, outcome: Outcome) -> None:
        """Take away the imports that several fixes together have left without a use, if nothing else changes."""
        texts = {path: self._without_unused(path, text) for path, text in self._texts.items()}
        if texts != self._texts and _counted(self._analysed(texts)) == _counted(outcome):
            self._texts = texts

    def _without_unused(self, path: str, text: str) -> str:
        before, after = (Module(path, each, False) for each in (decode(self._was[path]), text))
        try:
            return without_unused(before, after, lambda name: self._may_be_taken(path, name))
        except NoChange:
            return text

    def _may_be_taken(self, path: str, name: str) -> bool:
        """Whether another file may take ``name`` out of the file ``path``: it has both their names."""
        both = {*self._words.holding(name)}.intersection(self._words.holding(module_of(path)))
        return not both <= {path}

    def _taken(self, path: str, text: str) -> str:
        """Why ``text`` cannot be that of the file ``path``: others take what it imports no more; empty if none do."""
        for name in sorted(imported_at_the_top(decode(self._was[path])) - imported_at_the_top(text)):
            for other in self._words.holding(name):
                if other != path and is_taken_in(self._text_of(other), module_of(path), name):
                    return f"{other} may take `{name}` from this file"
        return ""

    def _text_of(self, path: str) -> str:
        try:
            return decode(self._contents[path])
        except SourceError:
            return ""

    @cached_property
    def _contents(self) -> Contents:
        root = self._request.root
        return Contents(root, list_files(root, self._request.exclude))

    @cached_property
    def _words(self) -> Words:
        return Words(self._contents)

    def _analysed(self, texts: Mapping[str, str]) -> Outcome:
        return run(self._request._replace(overlay=texts), self._progress)

    def _chosen(self, outcome: Outcome) -> list[Finding]:
        """Findings with fixes that can be made at once, in their order."""
        chosen: list[Finding] = []
        for finding in sorted(self._wanted(outcome), key=lambda each: each.sort_key):
            if (
                finding.fix is None
                or not (self._unsafe or finding.fix.safe)
                or _key(finding) in self._refused
            ):
                continue
            if why := self._untouchable(finding.path, outcome):
                self._refused[_key(finding)] = (finding, why)
            elif not any(_meet(finding, other) for other in chosen):
                chosen.append(finding)
        return chosen

    def _untouchable(self, path: str, outcome: Outcome) -> str:
        """Why the file is left alone; empty if it is not."""
        if path not in self._was:
            self._was[path] = read_bytes(self._request.root, path)
        data = self._was[path]
        if any(each.path == path and each.code == _UNREADABLE for each in outcome.findings):
            return "the file cannot be parsed"
        if _CONFLICT.search(data):
            return "the file has conflict markers"
        try:
            kept = _encoded(decode(data), data) == data
        except SourceError:
            kept = False
        return "" if kept else "the file's encoding would not be kept"

    def _held(
        self, before: Outcome, held: Sequence[Finding], tried: Sequence[Finding], known: Outcome
    ) -> tuple[list[Finding], Outcome]:
        """Those of ``tried`` that hold beside ``held``, and the outcome then; ``known`` is that of ``held`` alone."""
        every = [*held, *tried]
        texts = self._with(every)
        after = self._analysed(texts)
        if not (why := self._wrong(before, every, texts, after)):
            return every, after
        if len(tried) == 1:
            self._refused[_key(tried[0])] = (tried[0], why)
            return list(held), known
        middle = len(tried) // 2
        first, known = self._held(before, held, tried[:middle], known)
        return self._held(before, first, tried[middle:], known)

    def _with(self, findings: Sequence[Finding]) -> dict[str, str]:
        """The texts with the fixes of ``findings`` made."""
        texts = dict(self._texts)
        for path in dict.fromkeys(each.path for each in findings):
            edits = [edit for each in findings if each.path == path and each.fix for edit in each.fix.edits]
            texts[path] = applied(texts[path] if path in texts else decode(self._was[path]), edits)
        return texts

    def _wrong(
        self, before: Outcome, findings: Sequence[Finding], texts: Mapping[str, str], after: Outcome
    ) -> str:
        """What is wrong with the outcome ``after`` the fixes of ``findings``; empty if nothing is."""
        for path in {each.path for each in findings}:
            if not _is_encodable(texts[path], self._was[path]):
                return "the file's encoding cannot represent the fix"
            if why := self._taken(path, texts[path]):
                return why
        was, now = _counted(before), _counted(after)
        gone: _Count = Counter((each.path, each.code) for each in findings)
        new = now - was
        if new:
            return f"the fix brings {', '.join(sorted(f'{code} in {path}' for path, code in new))}"
        if now - (was - gone):
            return "the finding is still there"
        if {*after.incomplete, *after.errors} - {*before.incomplete, *before.errors}:
            return "the program could not be judged with the fix"
        return ""


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.path, finding.code, with_path(finding)


def _meet(one: Finding, other: Finding) -> bool:
    """Whether not both fixes can be made at once."""
    if one.path != other.path or one.fix is None or other.fix is None:
        return False
    return any(overlap(a, b) for a in one.fix.edits for b in other.fix.edits)


def _counted(outcome: Outcome) -> _Count:
    every = (*outcome.findings, *(each.finding for each in outcome.suppressed))
    return Counter((each.path, each.code) for each in every)


def _encoded(text: str, was: bytes) -> bytes:
    mark = codecs.BOM_UTF8 if was.startswith(codecs.BOM_UTF8) else b""
    return mark + encode(text)


def _is_encodable(text: str, was: bytes) -> bool:
    try:
        return decode(_encoded(text, was)) == text
    except SourceError:
        return False
