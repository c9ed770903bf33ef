"""A: nearly nothing in it is governed. The price of looking."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import corpora, moods, seeds
from benchmarks.bench import Bench
from benchmarks.marks import found
from benchmarks.table import Row, ratio


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of A."""
    tree = corpora.lay_out("A")
    bench.note("A", tree, f": {', '.join(corpora.PACKAGES['A'])}, three seeded files")
    figures = moods.measured(bench, tree, tree / corpora.EDITED, moods.BESIDE)
    cold = figures[moods.COLD]
    seeded = sum(mark.path == "seeded/worker.py" for mark in found(cold.output))
    wanted = f"seeded violations found, of {seeds.FINDINGS}"
    yield Row("A", wanted, f"{seeded}", target=f"{seeds.FINDINGS}", met=seeded == seeds.FINDINGS)
    yield from moods.rows("A", figures, moods.BESIDE, {"ast-grep": 0.8, "semgrep": 1 / 20})
    memory = f"{moods.COLD}, memory"
    yield ratio("A", memory, cold, "semgrep", figures.get("semgrep"), 1.0, "mebibytes")
