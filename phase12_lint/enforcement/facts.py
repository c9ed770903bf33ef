"""What a project does to enforce its governance, as read from its own files."""

from __future__ import annotations

from typing import NamedTuple

from phase12_lint.model import Span

LINTER = "the linter"
UNDECIDED = "it cannot be decided"

Duties = dict[str, str]
"""What a command does of what has to be done: run the linter, or the tests of a folder (``Enforcement.duties``). Each
with why its failure is lost, empty where it is not; ``UNDECIDED`` where nobody can tell."""


def joined(one: Duties, other: Duties) -> Duties:
    """What both do together, each as well as the better of them does it."""
    both = {duty: (one.get(duty, why), other.get(duty, why)) for duty, why in (one | other).items()}
    return {duty: min(whys, key=_gravity) for duty, whys in both.items()}


def under(duties: Duties, why: str) -> Duties:
    """``duties`` where the failure of all of them is lost for ``why``, if it is."""
    return {duty: max(own, why, key=_gravity) for duty, own in duties.items()}


def _gravity(why: str) -> int:
    return 0 if not why else 1 if why == UNDECIDED else 2


class Place(NamedTuple):
    """A place in a file of the project."""

    path: str
    span: Span


class Step(NamedTuple):
    """A hook, or a step of a workflow: where it stands and what it does."""

    place: Place
    duties: Duties

    @property
    def lost(self) -> Duties:
        """What it does without being able to fail."""
        return {duty: why for duty, why in self.duties.items() if why not in ("", UNDECIDED)}


class Unread(NamedTuple):
    """A file that cannot be read as what it is, and why."""

    place: Place
    why: str


class Folder(NamedTuple):
    """A folder of tests that the policy names, at ``place``.

    ``path`` is where it is, or where it is looked for if it does not exist.
    """

    place: Place
    path: str
    tests: int
    exists: bool

    @property
    def duty(self) -> str:
        """What a workflow that runs them does."""
        return f"the tests in {self.path}"


class Enforcement(NamedTuple):
    """All of it. ``policy`` is where the policy is written: its file's first line, and its section's line.

    ``hook_files`` and ``workflows`` are the files that were read for ``hooks`` and ``steps``; ``incomplete`` says what
    of them was not read to the end.
    """

    policy: Place
    section: Place
    hook_files: tuple[str, ...]
    hooks: tuple[Step, ...]
    workflows: tuple[str, ...]
    steps: tuple[Step, ...]
    unread: tuple[Unread, ...]
    folders: tuple[Folder, ...]
    incomplete: tuple[str, ...] = ()

    @property
    def duties(self) -> tuple[str, ...]:
        """What has to be done: run the linter, and each folder of tests."""
        return (LINTER, *dict.fromkeys(folder.duty for folder in self.folders))


def line_of(path: str, line: int = 1) -> Place:
    """The beginning of a line."""
    return Place(path, Span(line, 1, line, 2))
