"""What is asked of the engine, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from phase12_lint.model import Finding, Governed, Noqa
from phase12_lint.policy import Policy

if TYPE_CHECKING:
    from concurrent.futures import Executor

Progress = Callable[[str, int, int], None]


class Request(NamedTuple):
    """What to analyse. ``overlay`` holds texts that stand in for files (standard input, unsaved buffers).

    ``files`` are those of the program, relative to ``root``, where they are not to be looked for.
    ``enforcement`` asks for the rules on the project's own files as well (GOV7), which are read anew each time;
    ``policy_file`` is where the policy was read, if the user named the file. ``fixes`` asks for the fix of each finding
    that has one, which takes libcst. ``executor`` does the part that is done file by file, on as many machines as it
    has, instead of processes of our own. ``own_rules`` are rules of a team's own, in place of those that are
    installed; with them nothing is cached.
    """

    root: Path
    policies: tuple[Policy, ...]
    exclude: tuple[str, ...] = ()
    overlay: Mapping[str, str] = {}
    cache: bool = True
    screen: bool = True
    jobs: int = 1
    files: tuple[str, ...] | None = None
    enforcement: bool = False
    policy_file: str = ""
    fixes: bool = False
    executor: Executor | None = None
    own_rules: tuple[type[Any], ...] | None = None


class Suppressed(NamedTuple):
    """A finding that a ``noqa`` on its line names, and the reason given there."""

    finding: Finding
    reason: str


class Outcome(NamedTuple):
    """All that is found in the project, by every rule: sorted, and not yet selected.

    ``notes`` tell of ``noqa`` that is not honoured; ``timings`` are seconds by stage. ``incomplete`` says what could
    not be decided, as a bound was met; ``errors`` what a rule or a maker of facts raised, the traceback below it.
    ``noqas`` are all that name codes of ours, by path and line; ``governed`` is how much the rules guard.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    files: int
    notes: tuple[str, ...]
    timings: tuple[tuple[str, float], ...]
    incomplete: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    noqas: tuple[Noqa, ...] = ()
    governed: Governed = Governed()
