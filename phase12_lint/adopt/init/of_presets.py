"""Which preset fits: its framework is imported, and what it governs is run somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.adopt.init.runs import Homes, homes_under
from phase12_lint.config import extended
from phase12_lint.policy import Policy
from phase12_lint.presets import DEFAULT, Preset, preset, preset_names
from phase12_lint.values.project import Project


class Fitting(NamedTuple):
    """A preset, where its framework is imported, and where what it governs is run."""

    preset: Preset
    imported: str
    homes: Homes


def fitting(project: Project) -> Fitting | None:
    """The preset of the framework whose plugins ``project`` runs most, if it runs those of any."""
    found = [each for name in preset_names() if name != DEFAULT for each in _fits(project, preset(name))]
    return max(found, key=lambda each: each.homes.total, default=None)


def _fits(project: Project, one: Preset) -> Iterator[Fitting]:
    imported = _imported(project, one.modules)
    if imported:
        homes = homes_under(project, extended(Policy(), one.name))
        if homes.total:
            yield Fitting(one, imported, homes)


def _imported(project: Project, modules: tuple[str, ...]) -> str:
    """The first import of one of ``modules`` or what is below it, and its place; empty if there is none."""
    names = "|".join(map(re.escape, modules))
    statement = re.compile(rf"^[ \t]*(?:from|import)[ \t]+((?:{names})(?:\.\w+)*)\b".encode(), re.MULTILINE)
    for path in sorted(project.texts.matching(statement)):
        text = project.files[path]
        match = statement.search(text)
        if match:
            line = text.count(b"\n", 0, match.start()) + 1
            return f"{match[1].decode()} is imported at {path}:{line}"
    return ""
