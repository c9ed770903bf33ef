"""What there is already: configuration, requirements, tests of the phases, hooks and workflows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from phase12_lint.enforcement import enforcement_of
from phase12_lint.enforcement.facts import DUTIES, LINTER, Enforcement
from phase12_lint.enforcement.project import ProjectFiles


class Surroundings(NamedTuple):
    """``install`` are the arguments of pip that install the project; ``locks`` the files that say what it needs."""

    root: Path
    install: str
    locks: tuple[str, ...]
    enforcement: Enforcement

    @property
    def has_hook(self) -> bool:
        """Whether a hook is in force."""
        return any(not step.duties[LINTER] for step in self.enforcement.hooks)

    @property
    def has_ci(self) -> bool:
        """Whether the workflows do every duty, and can fail."""
        held = {duty for step in self.enforcement.steps for duty in step.duties.keys() - step.lost.keys()}
        return held.issuperset(DUTIES)

    @property
    def phases(self) -> tuple[str, str]:
        """The folders of the tests of Phase 11 and Phase 12."""
        eleven, twelve = self.enforcement.folders
        return eleven.path, twelve.path


def look_around(root: Path) -> Surroundings:
    """What the project at ``root`` has."""
    files = ProjectFiles(root)
    locks = [
        name for name in ("requirements.txt", "pyproject.toml", "setup.cfg", "setup.py") if files.exists(name)
    ]
    is_package = files.exists("setup.py") or "[project]" in (files.read("pyproject.toml") or "")
    is_package = is_package or "[metadata]" in (files.read("setup.cfg") or "")
    parts = ["-r requirements.txt"] if "requirements.txt" in locks else []
    parts += ["-e ."] if is_package else []
    return Surroundings(root, " ".join(parts), tuple(locks), enforcement_of(root))
