"""What there is already: configuration, requirements, folders of tests, hooks and workflows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from phase12_lint.adopt.init.guesses import CERTAIN, Guess
from phase12_lint.enforcement.facts import LINTER, Enforcement, Folder
from phase12_lint.enforcement.found import enforcement_of
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.policy import Policy


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
        return held.issuperset(self.enforcement.duties)

    @property
    def tests(self) -> tuple[Folder, ...]:
        """The folders of the policy that hold tests; a workflow that runs another one fails from the first push."""
        return tuple(folder for folder in self.enforcement.folders if folder.tests)


def look_around(root: Path, policy: Policy | None) -> Surroundings:
    """What the project at ``root`` has; without a ``policy`` its folders of tests are those of the default that hold
    tests."""
    written = Policy() if policy is None else policy
    files = ProjectFiles(root, written)
    if policy is None:
        written = written._replace(phase_tests=tuple(each.path for each in files.folders if each.tests))
    locks = [
        name for name in ("requirements.txt", "pyproject.toml", "setup.cfg", "setup.py") if files.exists(name)
    ]
    is_package = files.exists("setup.py") or "[project]" in (files.read("pyproject.toml") or "")
    is_package = is_package or "[metadata]" in (files.read("setup.cfg") or "")
    parts = ["-r requirements.txt"] if "requirements.txt" in locks else []
    parts += ["-e ."] if is_package else []
    return Surroundings(root, " ".join(parts), tuple(locks), enforcement_of(root, written))


def tests_of(around: Surroundings) -> Guess:
    """The folders of tests that an inferred policy names."""
    names = tuple(folder.path for folder in around.tests)
    usual = Policy().phase_tests
    if names:
        return Guess("phase-tests", names, CERTAIN, "a folder of this name holds tests", names == usual)
    why = f"neither {' nor '.join(usual)} holds a test; written empty, so that no workflow has to run them"
    return Guess("phase-tests", (), CERTAIN, f"{why}; name the folders of the tests that guard the pipeline")
