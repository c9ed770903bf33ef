"""The ways to the plugin runs of a project, behind the command ``paths`` and the hover of an editor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from phase12_lint.analysis import of_programs, quietly
from phase12_lint.cache import Cache
from phase12_lint.calls.path_verdicts import UNRESOLVED, Step, Way
from phase12_lint.calls.paths import ways
from phase12_lint.engine import Progress, Request, listed, not_listed
from phase12_lint.facts.collect import collect
from phase12_lint.facts.governed import governed
from phase12_lint.faults import told
from phase12_lint.model import Governed, Places, united
from phase12_lint.policy import side_by_side
from phase12_lint.sources import Contents
from phase12_lint.sources.exempt import exempt_among
from phase12_lint.values.program import Program


class Proof(NamedTuple):
    """Every way of the project, by pipeline and place; the names of the layers from the API down.

    ``incomplete`` says what could not be decided; ``errors`` what was raised, the traceback below it: then nothing of
    that program is proved. ``governed`` is how much the rules guard, ``files`` how many were read.
    """

    ways: tuple[Way, ...]
    layers: tuple[str, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...] = ()
    governed: Governed = Governed()
    files: int = 0


def prove(
    request: Request, progress: Progress | None = None, cache: Cache | None = None, within: str = ""
) -> Proof:
    """The ways of the project in ``request``, each with its verdict.

    With ``within``, of the programs that have this file. ``cache`` keeps them, if there is one; without it, nothing is
    kept. What ``progress`` raises ends the work.
    """
    with quietly():
        return _prove(request, progress, cache, within)


def _prove(request: Request, progress: Progress | None, cache: Cache | None, within: str) -> Proof:
    unlisted: list[str] = []
    paths = listed(request, unlisted)
    if cache is None:
        cache = Cache(request.root, enabled=False)
    files = cache.contents_of(paths, request.overlay)
    cache.digest(paths, files)

    def make(program: Program) -> dict[str, Any]:
        return _proved(program, request, progress)

    found: list[Way] = []
    incomplete = dict.fromkeys([*map(not_listed, unlisted), *_not_read(files, request)])
    errors: list[str] = []
    places: list[Places] = []
    for stored in of_programs("ways", request, files, cache, make, lambda each: not each["errors"], within):
        found += map(_way_of, stored["ways"])
        incomplete |= dict.fromkeys(stored["incomplete"])
        errors += stored["errors"]
        places.append(Places(*map(tuple, stored["governed"])))
    layers = [band for policy in side_by_side(request.policies) for band in policy.bands]
    return Proof(
        tuple(found),
        tuple(dict.fromkeys(layers)),
        tuple(incomplete),
        tuple(dict.fromkeys(errors)),
        united(places),
        len(paths),
    )


def _not_read(files: Contents, request: Request) -> Iterator[str]:
    """What is said of each file that may not be read and that some pipeline governs."""
    exempt = frozenset.intersection(*(exempt_among(files.unread, each.exempt) for each in request.policies))
    for path in sorted(files.unread.keys() - exempt):
        yield f"{path} may not be read, so no path through it is known; make it readable or exclude it"


def _proved(program: Program, request: Request, progress: Progress | None) -> dict[str, Any]:
    errors: list[str] = []
    modules = collect(program, request.screen, progress, errors)
    facts = [fact for found_there in modules.values() for fact in found_there]
    found: list[Way] = []
    places = Places()
    try:
        found = ways(program, facts)
        places = governed(program, facts)
    except Exception as error:
        errors.append(told("paths", error))
    errors += program.project.faults
    if not found:  # otherwise no path is proved, and each says why
        for path in sorted(program.project.errors.keys() - program.project.exempt):
            program.note(f"{path} cannot be parsed, so no path through it is known")
    return {
        "ways": [_doubted(way, errors) for way in found],
        "incomplete": list(program.notes),
        "errors": errors,
        "governed": places,
    }


def _way_of(stored: Sequence[Any]) -> Way:
    verdict, reason, hops, culprit = stored
    return Way(verdict, reason, tuple(Step(*hop) for hop in hops), culprit)


def _doubted(way: Way, errors: Sequence[str]) -> Way:
    """``way``, which is not proved where ``errors`` were met."""
    if errors and not way.reason:
        return way._replace(verdict=UNRESOLVED, reason=errors[0].partition("\n")[0])
    return way
