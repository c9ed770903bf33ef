"""The pipeline: files, survey, inspection, findings, suppressions. ``run`` is the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from phase12_lint.cache import Cache, key_of
from phase12_lint.model import Governed, finding_of, noqa_of
from phase12_lint.request import Outcome, Progress, Request, Suppressed
from phase12_lint.sources import Stat, scan, stats, without_excluded

__all__ = ["Outcome", "Progress", "Request", "Suppressed", "listed", "not_listed", "run"]


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
    unlisted: list[str] = []
    files = listed(request, unlisted) if files is None else files
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
    incomplete = (*map(not_listed, unlisted), *outcome.incomplete)
    return outcome._replace(incomplete=incomplete, timings=(*timings, ("all", perf_counter() - started)))


def listed(request: Request, unlisted: list[str] | None = None) -> dict[str, Stat]:
    """The files of the program, each with what tells whether it has changed; see ``scan`` for ``unlisted``."""
    if request.files is None:
        return scan(request.root, request.exclude, unlisted=unlisted)
    return stats(request.root, without_excluded(list(request.files), request.exclude))


def not_listed(folder: str) -> str:
    """What is told of a folder that may not be listed."""
    return f"{folder} may not be listed, so nothing is known of what is in it; make it readable or exclude it"


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
