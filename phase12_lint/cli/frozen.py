"""The baseline of a project on disk: which file it is, what it says, and when ``check`` shrinks it."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from phase12_lint.adopt.baseline import CONVENTIONAL, Entry, Standing, blinds, is_same, write
from phase12_lint.adopt.reading import BaselineError, load
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import save
from phase12_lint.model import Finding
from phase12_lint.reports.summary import counted


class BaselineFile:
    """The file ``name`` (as told to people), or the conventional one of the project at ``root``."""

    def __init__(self, name: str | None, root: Path) -> None:
        self.is_named = name is not None
        self.name = name or Path(os.path.relpath(root / CONVENTIONAL)).as_posix()

    @property
    def exists(self) -> bool:
        """Whether something stands there."""
        return os.path.lexists(self.name)

    def read(self) -> tuple[Entry, ...]:
        """What it freezes. Raises ``UsageError``."""
        return tuple(self.placed())

    def placed(self) -> dict[Entry, int]:
        """What it freezes, each entry with its line. Raises ``UsageError``."""
        if not self.exists:
            option = f" --baseline {self.name}" if self.is_named else ""
            raise UsageError(f"{self.name}: no such file; 'phase12-lint baseline create{option}' creates it")
        try:
            return load(Path(self.name), self.name)
        except BaselineError as error:
            raise UsageError(*error.args) from None

    def write(self, entries: Iterable[Entry]) -> None:
        """Replace it, whole or not at all, unless it says the same already. Raises ``UsageError``."""
        path, text = Path(self.name), write(entries)
        if path.is_file():
            if path.read_bytes() == text.encode("utf-8", "backslashreplace"):
                return
            if not path.stat().st_mode & 0o222:  # to replace it, no permission is needed
                raise UsageError(f"cannot write {self.name}: it is read-only")
        save(self.name, text)


def found_by_itself(options: Namespace, root: Path) -> BaselineFile | None:
    """The baseline that ``check`` is held against, if there is one. Raises ``UsageError``."""
    if options.no_baseline:
        return None
    file = BaselineFile(options.baseline, root)
    return file if file.is_named or (file.exists and not options.isolated) else None


def shrink(
    file: BaselineFile,
    entries: Sequence[Entry],
    standing: Standing,
    reported: Iterable[Finding],
    may_write: bool,
) -> str:
    """Take out of the ``file`` what is gone, and follow what has moved; the line that tells it, if any.

    It is not touched unless ``may_write``, nor while one of the new findings that are ``reported`` hides others.
    """
    if is_same(entries, standing.kept) or blinds(reported):
        return ""
    gone = counted(standing.gone_count, "finding")
    if may_write:
        try:
            if file.read() == entries:  # nobody else has written meanwhile
                file.write(standing.kept)
                done = (
                    f"{gone} no longer found, removed"
                    if standing.gone
                    else "updated for findings that have moved"
                )
                return f"{file.name}: {done}; commit the file"
        except UsageError as error:
            return str(error)
    hint = "'phase12-lint baseline prune' removes what is gone"
    return f"{file.name}: {gone} no longer found; {hint}" if standing.gone else ""


def is_ci() -> bool:
    """Whether this is a build, which must leave files alone."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
