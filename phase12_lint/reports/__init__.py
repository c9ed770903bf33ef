"""What a person or a program reads: each format is one module of ``formats/``, with a function ``render``."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from os.path import relpath
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from phase12_lint.model import Finding, Governed

_FORMATS = "formats"  # the folder
_WITH_FIXES = ("json", "markdown", "rdjson", "sarif")


class Report(NamedTuple):
    """What is to be told. Paths in it are relative to ``folder``, the working directory.

    ``suppressed`` has the reason of each, empty where none is given; ``elapsed`` is in seconds; ``baselined`` are
    the findings that a baseline freezes; ``pipelines`` are their names and layers, from the API down to the choke
    point; ``scope`` says what the findings are chosen by, if they are not all; ``incomplete`` what could not be
    decided or went wrong; ``governed`` how much the rules guard, if that is to be told.
    """

    folder: Path
    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, str], ...]
    files: int
    elapsed: float
    show_suppressed: bool = False
    statistics: bool = False
    quiet: bool = False
    baselined: tuple[Finding, ...] = ()
    pipelines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scope: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    governed: Governed | None = None

    @property
    def by_code(self) -> dict[str, int]:
        """How many findings each code has, in the order of the codes."""
        return dict(sorted(Counter(finding.code for finding in self.findings).items()))


class Format(Protocol):
    """A module of ``formats/``."""

    def render(self, report: Report, colour: bool) -> str:
        """The whole report as text, ending with a line feed unless it is empty."""


def format_names() -> list[str]:
    """The names of the formats."""
    modules = Path(__file__).with_name(_FORMATS).glob("[!_]*.py")
    return sorted(module.stem for module in modules)


def carries_fixes(name: str) -> bool:
    """Whether the format called ``name`` tells how a finding is fixed."""
    return name in _WITH_FIXES


def render(name: str, report: Report, colour: bool = False) -> str:
    """``report`` in the format called ``name``, one of ``format_names()``; ``colour`` for a terminal."""
    return cast(Format, import_module(f"{__name__}.{_FORMATS}.{name}")).render(report, colour)


def seen_from(folder: Path, root: Path, finding: Finding) -> Finding:
    """``finding`` with paths relative to ``folder`` in place of ``root``."""
    if folder == root:
        return finding
    trace = tuple(hop._replace(path=seen_path(folder, root, hop.path)) for hop in finding.trace)
    return finding._replace(path=seen_path(folder, root, finding.path), trace=trace)


def seen_path(folder: Path, root: Path, path: str) -> str:
    """``path``, which is relative to ``root``, relative to ``folder``."""
    return path if folder == root else Path(relpath(root / path, folder)).as_posix()
