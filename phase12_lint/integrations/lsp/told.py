"""What the editor has been told of a project, so that it is told what has changed and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lsprotocol import types

from phase12_lint.model import Finding

Publish = Callable[[str, Sequence[types.Diagnostic], "int | None"], None]


class Told(NamedTuple):
    """What was told of one file: each finding with its diagnostic; the ``version`` that it is about, of an open one."""

    findings: tuple[tuple[Finding, types.Diagnostic], ...] = ()
    problems: tuple[types.Diagnostic, ...] = ()
    version: int | None = None

    @property
    def diagnostics(self) -> list[types.Diagnostic]:
        """All of them, in their order."""
        return [*self.problems, *(diagnostic for _, diagnostic in self.findings)]

    def at(self, line: int) -> list[Finding]:
        """The findings that ``line``, from 1, is part of."""
        return [each for each, _ in self.findings if each.span.line <= line <= each.span.end_line]


class Board:
    """What stands on the editor's screen of one project, by path. ``publish`` takes a path, diagnostics and version."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._told: dict[str, Told] = {}

    def of(self, path: str) -> Told:
        """What was told of ``path``."""
        return self._told.get(path, Told())

    @property
    def paths(self) -> frozenset[str]:
        """The files of which something was told."""
        return frozenset(self._told)

    def put(self, new: Mapping[str, Told]) -> None:
        """Tell what is ``new`` by path; of other files, that nothing is left."""
        before, self._told = self._told, dict(new)
        for path in sorted({*before, *new}):
            old, now = before.get(path, Told()), new.get(path, Told())
            if old.diagnostics != now.diagnostics or (old.version != now.version and now.diagnostics):
                self._publish(path, now.diagnostics, now.version)

    def clear(self) -> None:
        """Take everything from the screen."""
        self.put({})
