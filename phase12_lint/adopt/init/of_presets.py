"""Which preset fits: its framework is imported, and what it governs is run or defined somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from phase12_lint.adopt.init.homes import Homes
from phase12_lint.adopt.init.runs import homes_under
from phase12_lint.config import extended
from phase12_lint.policy import Policy
from phase12_lint.presets import DEFAULT, Preset, preset, preset_names
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.project import Project


class Fitting(NamedTuple):
    """A preset, where its framework is imported, and where what it governs is run and defined."""

    preset: Preset
    imported: str
    homes: Homes
    classes: tuple[Scope, ...]


def fitting(project: Project) -> Fitting | None:
    """The preset of the framework whose plugins ``project`` runs most, or else defines most, if it has those of any."""
    found = [each for name in preset_names() if name != DEFAULT for each in _fits(project, preset(name))]
    return max(found, key=lambda each: (each.homes.total, len(each.classes)), default=None)


def _fits(project: Project, one: Preset) -> Iterator[Fitting]:
    imported = _imported(project, one.modules)
    if imported:
        homes, classes = homes_under(project, extended(Policy(), one.name))
        if homes.total or (classes and not _is_part(project, one.modules)):
            yield Fitting(one, imported, homes, classes)


def _is_part(project: Project, modules: tuple[str, ...]) -> bool:
    """Whether the framework is itself in the project: what is defined there is its own."""
    packages = {module.partition(".")[0] for module in modules}
    folders = {folder for path in project.files for folder in PurePosixPath(path).parents}
    return any(
        folder.name in packages and str(folder.parent / "__init__.py") not in project.files
        for folder in folders
    )


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
