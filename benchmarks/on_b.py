"""B: a service of which a twentieth is governed. B-all: the price of inspection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import ours, service, trees
from benchmarks.bench import Bench
from benchmarks.marks import found, marked
from benchmarks.measure import Figure, ast_floor, byte_floor
from benchmarks.table import Row, at_most, ratio

_COLD, _SAME, _EDITED = "check, cold", "check, unchanged", "check, one file edited"
_FLAKE8_COLD, _FLAKE8, _WITHOUT = (
    "flake8 with the plugin, cold",
    "flake8 with the plugin, unchanged",
    "flake8 without it",
)
_BESIDE = (
    *("ripgrep", "ruff F401", "import-linter, cold", "import-linter, warm", "ast-grep", "pyrefly", "semgrep"),
    *("flake8 with a name rule", "fixit"),
)
_OWN_RULES = "fixit, its own rules"


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of B."""
    tree = service.mixed()
    bench.note("B", tree, f": {', '.join(service.PACKAGES)}, and the reference runtime")
    file = tree / service.EDITED
    with trees.restored(file) as text:
        figures = bench.run(
            tree,
            [
                ours.cold(_COLD, tree, "--isolated"),
                ours.unchanged(_SAME, tree, "--isolated"),
                ours.edited(_EDITED, file, text, tree, "--isolated"),
                byte_floor(tree),
                ast_floor(tree),
            ],
            _BESIDE,
        )
    cold, same, edited = figures[_COLD], figures[_SAME], figures[_EDITED]
    yield _violations("B", tree, cold)
    for name in ("reading all bytes", "ast.parse", *_BESIDE):
        most = {"semgrep": 1 / 4, "fixit": 1 / 10}.get(name)
        yield ratio("B", _COLD, cold, name, figures.get(name), most)
    yield ratio("B", _SAME, same, "import-linter, warm", figures.get("import-linter, warm"), 0.1)
    yield at_most("B", _EDITED, edited, 0.5)
    yield ratio("B", _EDITED, edited, _SAME, same, 4.0)
    plugged = [ours.flake8_cold(_FLAKE8_COLD, tree), ours.flake8(_FLAKE8, tree)]
    figures = bench.run(tree, plugged, (_WITHOUT,))
    for name, most in ((_FLAKE8_COLD, 1.25), (_FLAKE8, 1.05)):
        yield ratio("B", name, figures[name], _WITHOUT, figures.get(_WITHOUT), most)


def rows_of_all(bench: Bench) -> Iterator[Row]:
    """The rows of B-all."""
    tree = service.governed()
    bench.note("B-all", tree, ": the reference runtime under several names")
    contestants = [ours.cold(_COLD, tree, "--isolated"), ast_floor(tree)]
    figures = bench.run(tree, contestants, (_OWN_RULES,))
    yield _violations("B-all", tree, figures[_COLD])
    yield ratio("B-all", _COLD, figures[_COLD], "ast.parse", figures["ast.parse"])
    yield ratio("B-all", _COLD, figures[_COLD], _OWN_RULES, figures.get(_OWN_RULES), 1 / 3)


def _violations(corpus: str, tree: Path, figure: Figure) -> Row:
    """How many of the violations that were put in were found, and what else was, of the plugin's runs."""
    wanted = marked(tree)
    told = {mark for mark in found(figure.output) if mark.code.startswith("GOV1")}
    text = figure.fault or f"{len(wanted & told)}, {len(told - wanted)} false"
    return Row(corpus, "violations found", text, target=f"{len(wanted)}, 0 false", met=told == wanted)
