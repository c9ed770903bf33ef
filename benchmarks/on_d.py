"""D: real packages, each with the policy that fits it. A policy is a file of the folder ``policies``."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from benchmarks import ours, trees
from benchmarks.bench import Bench
from benchmarks.marks import found
from benchmarks.measure import ast_floor
from benchmarks.moods import COLD
from benchmarks.table import Row, ratio
from benchmarks.wheels import CACHE, unpacked

_POLICIES = Path(__file__).with_name("policies")
_MOST, _FLOOR = 3.0, 1.5
_MISFIT = "GOV005"


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of D."""
    for policy in sorted(_POLICIES.glob("*.cfg")):
        yield _row(bench, policy)


def _row(bench: Bench, policy: Path) -> Row:
    package = _package(policy)
    tree = trees.fresh(CACHE / "D" / policy.stem)
    trees.link(unpacked(package), tree)
    bench.note(f"D, {package}", tree)
    figures = bench.run(tree, [ours.cold(COLD, tree, "--config", str(policy)), ast_floor(tree)])
    figure = figures[COLD]
    told = found(figure.output)
    if any(mark.code == _MISFIT for mark in told):
        figure = figure._replace(fault="the policy names what is not there")
    runs = sum(mark.code.startswith("GOV1") for mark in told)
    what = COLD if figure.fault else f"{COLD} ({runs} × GOV1, {len(told) - runs} others)"
    return ratio(f"D, {policy.stem}", what, figure, "ast.parse", figures["ast.parse"], _MOST, "cpu", _FLOOR)


def _package(policy: Path) -> str:
    """The package that ``policy`` is for, as ``name==version``."""
    parser = ConfigParser()
    parser.read(policy, encoding="utf-8")
    return parser["bench"]["package"]
