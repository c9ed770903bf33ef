"""The pipeline: files, survey, inspection, findings, suppressions. ``run`` is the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from phase12_lint.cache import Cache, key_of
from phase12_lint.model import Finding, Governed, Noqa, finding_of, noqa_of
from phase12_lint.policy import Policy
from phase12_lint.sources import Stat, scan, stats, without_excluded

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


def run(
    request: Request,
    progress: Progress | None = None,
    cache: Cache | None = None,
    files: Mapping[str, Stat] | None = None,
) -> Outcome:
    """Analyse the project at ``request.root``; what was found before is reused if nothing has changed.

    ``cache`` is one that outlives the run, instead of the project's own; ``files`` are those of ``listed``, where they
    are known. What ``progress`` raises ends the run.
    """
    started = perf_counter()
    files = listed(request) if files is None else files
    if cache is None:
        cache = Cache(request.root, request.cache and request.own_rules is None)
    contents = cache.contents_of(files, request.overlay)
    asked = (request.policies, request.exclude, request.screen, request.fixes)
    key = key_of(*asked, cache.digest(files, contents))
    scanned = perf_counter()
    timings = [("files", scanned - started)]

    def analyse() -> dict[str, Any]:
        from phase12_lint.analysis import analyse as whole

        return _packed(whole(request, contents, timings, progress, cache))

    outcome = _unpacked(cache.reuse(key, analyse, lambda packed: not packed["errors"]), ())
    if request.enforcement:
        from phase12_lint.mechanics import enforced

        outcome = enforced(request, outcome)
    return outcome._replace(timings=(*timings, ("all", perf_counter() - started)))


def listed(request: Request) -> dict[str, Stat]:
    """The files of the program, each with what tells whether it has changed."""
    if request.files is None:
        return scan(request.root, request.exclude)
    return stats(request.root, without_excluded(list(request.files), request.exclude))


def _packed(outcome: Outcome) -> dict[str, Any]:
    return {
        "findings": outcome.findings,
        "suppressed": outcome.suppressed,
        "files": outcome.files,
        "notes": outcome.notes,
        "incomplete": outcome.incomplete,
        "errors": outcome.errors,
        "noqas": outcome.noqas,
        "governed": outcome.governed,
    }


def _unpacked(stored: Mapping[str, Any], timings: tuple[tuple[str, float], ...]) -> Outcome:
    return Outcome(
        tuple(finding_of(each) for each in stored["findings"]),
        tuple(Suppressed(finding_of(each), reason) for each, reason in stored["suppressed"]),
        stored["files"],
        tuple(stored["notes"]),
        timings,
        tuple(stored["incomplete"]),
        tuple(stored["errors"]),
        tuple(noqa_of(each) for each in stored["noqas"]),
        Governed(*stored["governed"]),
    )
