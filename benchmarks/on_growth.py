"""Twice the tree: at most 2.1 times the time and the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpora, hosts, ours, trees
from benchmarks.bench import Bench
from benchmarks.table import Row, ratio
from benchmarks.wheels import CACHE, unpacked

_HOST = "celery, prefect"
_MOST = 2.1


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of growth: P beside a host and beside two of it, A and two of it."""
    one, two = hosts.beside(_HOST), hosts.beside(_HOST, twice=True)
    yield from _compare(bench, f"P beside 2 × ({_HOST})", f"P beside {_HOST}", one, two)
    yield from _compare(bench, "2 × A", "A", corpora.lay_out("A"), _two_of_a(), "--isolated")


def _compare(bench: Bench, what: str, beside: str, one: Path, two: Path, *options: str) -> Iterator[Row]:
    figures = bench.run(one, [ours.cold(beside, one, *options), ours.cold(what, two, *options)])
    for unit in ("wall", "cpu", "mebibytes"):
        yield ratio("growth", what, figures[what], beside, figures[beside], _MOST, unit)


def _two_of_a() -> Path:
    folder = trees.fresh(CACHE / "A-twice")
    trees.link(corpora.lay_out("A"), folder)
    trees.add_again([unpacked(package) for package in corpora.PACKAGES["A"]], folder)
    return folder
