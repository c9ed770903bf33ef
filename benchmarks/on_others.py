"""C, where ``run`` is everywhere, and the standard library: no targets, but no surprise either."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import corpora, ours
from benchmarks.bench import Bench
from benchmarks.marks import found
from benchmarks.measure import ast_floor
from benchmarks.moods import COLD, SAME
from benchmarks.table import Row, ratio

_BESIDE = ("ruff F401", "ast-grep")


def rows(bench: Bench, name: str) -> Iterator[Row]:
    """The rows of the corpus ``name``."""
    tree = corpora.lay_out(name)
    made_of = ", ".join(corpora.PACKAGES.get(name, ("of the Python below",)))
    contestants = [ours.cold(COLD, tree, "--isolated"), ours.unchanged(SAME, tree, "--isolated")]
    figures = bench.run(tree, [*contestants, ast_floor(tree)], _BESIDE)
    bench.note(name, tree, f": {made_of}; {len(found(figures[COLD].output))} findings")
    for beside in ("ast.parse", *_BESIDE):
        yield ratio(name, COLD, figures[COLD], beside, figures.get(beside))
    yield ratio(name, SAME, figures[SAME], COLD, figures[COLD])
