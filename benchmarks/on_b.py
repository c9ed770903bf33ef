"""B: a service of which a twentieth is governed. B-all: the price of inspection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import moods, ours, service
from benchmarks.bench import Bench
from benchmarks.marks import found, marked
from benchmarks.measure import Figure, ast_floor
from benchmarks.table import Row, ratio

_FLAKE8_COLD, _FLAKE8, _WITHOUT = (
    "flake8 with the plugin, cold",
    "flake8 with the plugin, unchanged",
    "flake8 without it",
)
_BESIDE = (*moods.BESIDE, "fixit")
_OWN_RULES = "fixit, its own rules"


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of B."""
    tree = service.mixed()
    bench.note("B", tree, f": {', '.join(service.PACKAGES)}, and the reference runtime")
    figures = moods.measured(bench, tree, tree / service.EDITED, _BESIDE)
    yield _violations("B", tree, figures[moods.COLD])
    yield from moods.rows("B", figures, _BESIDE, {"semgrep": 1 / 4, "fixit": 1 / 10})
    plugged = [ours.flake8_cold(_FLAKE8_COLD, tree), ours.flake8(_FLAKE8, tree)]
    figures = bench.run(tree, plugged, (_WITHOUT,))
    for name, most in ((_FLAKE8_COLD, 1.25), (_FLAKE8, 1.05)):
        yield ratio("B", name, figures[name], _WITHOUT, figures.get(_WITHOUT), most)


def rows_of_all(bench: Bench) -> Iterator[Row]:
    """The rows of B-all."""
    tree = service.governed()
    bench.note("B-all", tree, ": the reference runtime under several names")
    contestants = [ours.cold(moods.COLD, tree, "--isolated"), ast_floor(tree)]
    figures = bench.run(tree, contestants, (_OWN_RULES,))
    yield _violations("B-all", tree, figures[moods.COLD])
    yield ratio("B-all", moods.COLD, figures[moods.COLD], "ast.parse", figures["ast.parse"])
    yield ratio("B-all", moods.COLD, figures[moods.COLD], _OWN_RULES, figures.get(_OWN_RULES), 1 / 3)


def _violations(corpus: str, tree: Path, figure: Figure) -> Row:
    """How many of the violations that were put in were found, and what else was, of the plugin's runs."""
    wanted = marked(tree)
    told = {mark for mark in found(figure.output) if mark.code.startswith("GOV1")}
    text = figure.fault or f"{len(wanted & told)}, {len(told - wanted)} false"
    return Row(corpus, "violations found", text, target=f"{len(wanted)}, 0 false", met=told == wanted)
