"""The ways to the plugin runs of a project, behind the command ``paths``."""

from __future__ import annotations

from typing import NamedTuple

from phase12_lint.analysis import programs, quietly
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.calls.paths import ways
from phase12_lint.engine import Progress, Request
from phase12_lint.facts.collect import collect
from phase12_lint.sources import scan


class Proof(NamedTuple):
    """Every way of the project, by pipeline and place; the names of the layers from the API down; and notes."""

    ways: tuple[Way, ...]
    layers: tuple[str, ...]
    notes: tuple[str, ...]


def prove(request: Request, progress: Progress | None = None) -> Proof:
    """The ways of the project in ``request``, each with its verdict."""
    with quietly():
        return _prove(request, progress)


def _prove(request: Request, progress: Progress | None) -> Proof:
    found: list[Way] = []
    layers: dict[str, None] = {}
    notes: dict[str, None] = {}
    for program in programs(request, list(scan(request.root, request.exclude))):
        facts = [
            fact for of_module in collect(program, request.screen, progress).values() for fact in of_module
        ]
        found += ways(program, facts)
        layers |= dict.fromkeys(program.policy.bands)
        notes |= program.notes
    return Proof(tuple(found), tuple(layers), tuple(notes))
