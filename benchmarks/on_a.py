"""A: nearly nothing in it is governed. The price of looking."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import corpora, ours, seeds, trees
from benchmarks.bench import Bench
from benchmarks.marks import found
from benchmarks.measure import ast_floor, byte_floor
from benchmarks.table import Row, at_most, ratio

_COLD, _SAME, _EDITED = "check, cold", "check, unchanged", "check, one file edited"
_BESIDE = (
    *("ripgrep", "ruff F401", "import-linter, cold", "import-linter, warm", "ast-grep", "pyrefly", "semgrep"),
    "flake8 with a name rule",
)


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of A."""
    tree = corpora.lay_out("A")
    bench.note("A", tree, f": {', '.join(corpora.PACKAGES['A'])}, three seeded files")
    file = tree / corpora.EDITED["A"]
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
    seeded = sum(mark.path == "seeded/worker.py" for mark in found(same.output))
    yield Row(
        "A", f"seeded violations found, of {seeds.FINDINGS}", f"{seeded}", "", "", None, f"{seeds.FINDINGS}"
    )._replace(met=seeded == seeds.FINDINGS)
    for name in ("reading all bytes", "ast.parse", *_BESIDE):
        most = {"ast-grep": 0.8, "semgrep": 1 / 20}.get(name)
        yield ratio("A", _COLD, cold, name, figures.get(name), most)
    yield ratio("A", f"{_COLD}, memory", cold, "semgrep", figures.get("semgrep"), 1.0, "mebibytes")
    yield ratio("A", _SAME, same, "import-linter, warm", figures.get("import-linter, warm"), 0.1)
    yield at_most("A", _EDITED, edited, 0.5)
    yield ratio("A", _EDITED, edited, _SAME, same, 4.0)
