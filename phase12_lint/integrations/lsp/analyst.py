"""What is found in one project, analysed again and again: in the analysing thread, and apart from the protocol."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from phase12_lint.adopt.baseline import CONVENTIONAL, Entry, compare
from phase12_lint.adopt.chosen import looked_for, wanted
from phase12_lint.adopt.reading import BaselineError
from phase12_lint.adopt.reading import load as read_baseline
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.config import ConfigError, Settings, load
from phase12_lint.engine import Outcome, Request, listed, run
from phase12_lint.integrations.lsp.job import Job
from phase12_lint.integrations.lsp.texts import Texts
from phase12_lint.model import Finding
from phase12_lint.proofs import prove
from phase12_lint.resident import Resident
from phase12_lint.select import asks_for_enforcement
from phase12_lint.sources import Stat, without_excluded
from phase12_lint.sources.git import ask_git

_PROBLEM = re.compile(r"(?P<path>.+?):(?:(?P<line>\d+):)? (?P<message>.*)", re.DOTALL)


class Problem(NamedTuple):
    """Why a file of the project that says how to analyse it cannot be used; ``line`` from 1."""

    path: str
    line: int
    message: str


class Analysis(NamedTuple):
    """What is told of a project: its findings by path; None if it could not be analysed, for ``problems``.

    ``notes`` say what could not be decided and what went wrong, a line each; ``texts`` are what was analysed.
    """

    findings: Mapping[str, tuple[Finding, ...]] | None
    problems: tuple[Problem, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...]
    texts: Texts


class Analyst:
    """Analyses the project at ``root``, and remembers what it has read and found."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._cache = Resident(root)

    def look(self, job: Job) -> None:
        """Look for the files that ``job`` will be about, ahead of it: this takes its time in a large project.

        Raises ``ConfigError``.
        """
        settings = load(self.root)
        job.listed = settings.exclude, listed(self._bare(settings))

    def analyse(self, job: Job) -> Analysis:
        """What ``check`` would tell of the project if the texts of ``job`` were saved. Raises ``Superseded``."""
        unsaved = self._texts_of(job)
        try:
            settings = load(self.root)
            entries = self._baseline()
        except (ConfigError, BaselineError) as error:
            return Analysis(None, _problems(error), (), (), self._read(unsaved))
        outcome = self._outcome(settings, unsaved, job)
        standing = compare(entries, outcome.findings, looked_for(settings))
        is_wanted = wanted(settings)
        found: dict[str, tuple[Finding, ...]] = {}
        for finding in standing.new:
            if is_wanted(finding):
                found[finding.path] = (*found.get(finding.path, ()), finding)
        errors = tuple(error.partition("\n")[0] for error in outcome.errors)
        return Analysis(found, (), outcome.incomplete, errors, self._read(unsaved))

    def ways(self, job: Job, path: str) -> tuple[Way, ...]:
        """The ways to plugin runs in the programs that have the file ``path``. Raises ``Superseded``."""
        try:
            settings = load(self.root)
        except ConfigError:
            return ()
        request, _ = self._request(settings, self._texts_of(job), job)
        return prove(request, job.progress, self._cache, path).ways

    def fixed(self, job: Job, finding: Finding) -> Finding:
        """``finding`` with its fix, if it has one: a fix is asked for when it is offered, not with each analysis."""
        try:
            settings = load(self.root)
        except ConfigError:
            return finding
        request, files = self._request(settings, self._texts_of(job), job)
        found = run(request._replace(fixes=True), job.progress, self._cache, files).findings
        return next((each for each in found if each._replace(fix=None) == finding), finding)

    def _outcome(self, settings: Settings, unsaved: Mapping[str, str], job: Job) -> Outcome:
        request, files = self._request(settings, unsaved, job)
        return run(request, job.progress, self._cache, files)

    def _bare(self, settings: Settings) -> Request:
        enforcement = asks_for_enforcement(settings.select, settings.extend_select)
        return Request(self.root, settings.policies, settings.exclude, enforcement=enforcement)

    def _request(
        self, settings: Settings, unsaved: Mapping[str, str], job: Job
    ) -> tuple[Request, dict[str, Stat]]:
        request = self._bare(settings)
        exclude, files = job.listed or ((), {})
        if job.listed is None or exclude != settings.exclude:
            files = listed(request)
        overlay = {
            path: text
            for path, text in unsaved.items()
            if path.endswith(".py") and (path in files or self._will_be_listed(path, settings.exclude))
        }
        return request._replace(overlay=overlay), files

    def _texts_of(self, job: Job) -> dict[str, str]:
        """The texts of ``job`` in this project that are not what the files hold, by path in the project."""
        return {
            path: text
            for file, text in job.texts.items()
            if (path := self.within(file)) is not None and not self._is_saved(path, text)
        }

    def within(self, file: Path) -> str | None:
        """The path of ``file`` in the project; None if it is outside."""
        if file.is_relative_to(self.root):
            return file.relative_to(self.root).as_posix()
        return None

    def _is_saved(self, path: str, text: str) -> bool:
        """Whether the file holds ``text``, whatever its line ends."""
        saved = Texts(lambda name: (self.root / name).read_bytes()).text(path)
        return _unified(saved) == _unified(text) and (self.root / path).exists()

    def _will_be_listed(self, path: str, exclude: tuple[str, ...]) -> bool:
        """Whether a file that is not there will be part of the project once it is saved."""
        hidden = any(part.startswith(".") for part in path.split("/"))
        if hidden or os.path.lexists(self.root / path) or not without_excluded([path], exclude):
            return False
        return not ask_git(self.root, "check-ignore", "--", path)

    def _read(self, unsaved: Mapping[str, str]) -> Texts:
        return Texts(lambda path: unsaved[path] if path in unsaved else self._cache.read(path))

    def _baseline(self) -> tuple[Entry, ...]:
        file = self.root / CONVENTIONAL
        return tuple(read_baseline(file, CONVENTIONAL)) if os.path.lexists(file) else ()


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _problems(error: ConfigError | BaselineError) -> tuple[Problem, ...]:
    """What the lines of ``error`` say of files: ``setup.cfg:3: unknown key``."""
    lines = "\n".join(error.args).splitlines()
    found = [(line, _PROBLEM.fullmatch(line)) for line in lines]
    return tuple(
        Problem(told["path"], int(told["line"] or 1), told["message"]) if told else Problem("", 1, line)
        for line, told in found
    )
