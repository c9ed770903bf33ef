"""The ways to the plugin runs of a project, behind the command ``paths``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from phase12_lint.analysis import programs, quietly
from phase12_lint.calls.path_verdicts import UNRESOLVED, Way
from phase12_lint.calls.paths import ways
from phase12_lint.engine import Progress, Request
from phase12_lint.facts.collect import collect
from phase12_lint.faults import told
from phase12_lint.sources import scan


class Proof(NamedTuple):
    """Every way of the project, by pipeline and place; the names of the layers from the API down.

    ``incomplete`` says what could not be decided; ``errors`` what was raised, the traceback below it: then nothing of
    that program is proved.
    """

    ways: tuple[Way, ...]
    layers: tuple[str, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...] = ()


def prove(request: Request, progress: Progress | None = None) -> Proof:
    """The ways of the project in ``request``, each with its verdict."""
    with quietly():
        return _prove(request, progress)


def _prove(request: Request, progress: Progress | None) -> Proof:
    found: list[Way] = []
    layers: dict[str, None] = {}
    incomplete: dict[str, None] = {}
    errors: list[str] = []
    for program in programs(request, list(scan(request.root, request.exclude))):
        raised: list[str] = []
        modules = collect(program, request.screen, progress, raised)
        try:
            of_program = ways(program, [fact for facts in modules.values() for fact in facts])
        except Exception as error:
            raised.append(told("paths", error))
        else:
            found += [_doubted(way, raised) for way in of_program]
        raised += program.project.faults
        layers |= dict.fromkeys(program.policy.bands)
        incomplete |= program.notes
        errors += raised
    return Proof(tuple(found), tuple(layers), tuple(incomplete), tuple(dict.fromkeys(errors)))


def _doubted(way: Way, errors: Sequence[str]) -> Way:
    """``way``, which is not proved where ``errors`` were met."""
    if errors and not way.reason:
        return way._replace(verdict=UNRESOLVED, reason=errors[0].partition("\n")[0])
    return way
