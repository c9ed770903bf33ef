"""What an edit of the runtime is, and a copy of the runtime with one made."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.doors import ROOT
from tests.fuzz import SCALE

HERE = "  # <- here"
IGNORED = shutil.ignore_patterns("__pycache__")


class Edit(NamedTuple):
    """In ``path``, ``old`` (which occurs once; empty: the file is new) becomes ``new``.

    A line that ends in ``HERE`` is where the finding stands; the mark is taken out.
    """

    path: str
    old: str
    new: str


class Mutation(NamedTuple):
    """Edits that break the rule ``code`` and no other.

    ``fails`` is the id of the runtime's test that then fails, or a word of why none does.
    """

    code: str
    does: str
    edits: tuple[Edit, ...]
    fails: str

    @property
    def visible(self) -> bool:
        """Whether a test of the runtime sees it."""
        return self.fails.startswith("tests/")

    @property
    def places(self) -> list[tuple[str, str]]:
        """The path and the text of every line where the finding stands."""
        return [
            (edit.path, line.removesuffix(HERE).strip())
            for edit in self.edits
            for line in edit.new.split("\n")
            if line.endswith(HERE)
        ]


def lay_out(folder: Path, edits: tuple[Edit, ...] = ()) -> list[tuple[str, int]]:
    """The runtime in ``folder``, edited; gives the marked places, in order."""
    shutil.copytree(ROOT / "reference_runtime", folder / "reference_runtime", ignore=IGNORED)
    for path, old, new in edits:
        file = folder / path
        text = file.read_text(encoding="utf-8") if old else ""
        assert file.exists() == bool(old), f"{path}: only a file that exists has text to replace"
        assert not old or text.count(old) == 1, f"{path} does not hold once: {old}"
        file.write_text(text.replace(old, new) if old else new, encoding="utf-8")
    return [place for path in sorted({edit.path for edit in edits}) for place in _take_out(folder, path)]


def _take_out(folder: Path, path: str) -> list[tuple[str, int]]:
    file = folder / path
    lines = file.read_text(encoding="utf-8").split("\n")
    file.write_text("\n".join(line.removesuffix(HERE) for line in lines), encoding="utf-8")
    return [(path, number) for number, line in enumerate(lines, 1) if line.endswith(HERE)]


def of_each_section(mutations: Sequence[Mutation]) -> list[Mutation]:
    """One of ``mutations`` for each section of the governance; all of them in ``make fuzz``."""
    first = {each.code[:4]: each for each in reversed(mutations)}
    return list(mutations) if SCALE > 1 else [each for each in mutations if each in first.values()]
