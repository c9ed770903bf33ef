"""One piece of work for the analysing thread, which may be given up while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from phase12_lint.engine import Progress
from phase12_lint.sources import Stat


class Superseded(Exception):
    """Nobody waits for the answer any more."""


class Job:
    """Work on a project whose unsaved ``texts`` stand in for files, by absolute path.

    ``listed`` are the files as they were found ahead, with what was excluded then.
    """

    def __init__(self, texts: Mapping[Path, str] = {}, versions: Mapping[Path, int | None] = {}) -> None:
        self.texts = texts
        self.versions = versions
        self.listed: tuple[tuple[str, ...], dict[str, Stat]] | None = None
        self.is_stopped = False
        self.tell: Progress | None = None

    def stop(self) -> None:
        """Give the work up; may be called from any thread."""
        self.is_stopped = True

    def progress(self, stage: str, done: int, total: int) -> None:
        """What the engine calls between its steps. Raises ``Superseded``."""
        if self.is_stopped:
            raise Superseded
        if self.tell is not None:
            self.tell(stage, done, total)

    def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do ``work`` on the ``arguments``; raises ``Superseded`` where it was given up before it began."""
        if self.is_stopped:
            raise Superseded
        return work(*arguments)
