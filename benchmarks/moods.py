"""A check in its moods, cold, unchanged and after an edit, beside the other tools: what A and B have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import ours, trees
from benchmarks.bench import Bench
from benchmarks.measure import Figure, ast_floor, byte_floor
from benchmarks.table import Row, at_most, ratio

COLD, SAME, EDITED = "check, cold", "check, unchanged", "check, one file edited"
_FLOORS = ("reading all bytes", "ast.parse")
BESIDE = (
    *("ripgrep", "ruff F401", "import-linter, cold", "import-linter, warm", "ast-grep", "pyrefly", "semgrep"),
    "flake8 with a name rule",
)


def measured(bench: Bench, tree: Path, file: Path, beside: Sequence[str]) -> dict[str, Figure]:
    """The figures of a check of ``tree``, of one after ``file`` was edited, and of the tools ``beside`` them."""
    with trees.restored(file) as text:
        contestants = [
            ours.cold(COLD, tree, "--isolated"),
            ours.unchanged(SAME, tree, "--isolated"),
            ours.edited(EDITED, file, text, tree, "--isolated"),
            byte_floor(tree),
            ast_floor(tree),
        ]
        return bench.run(tree, contestants, beside)


def rows(
    corpus: str, figures: Mapping[str, Figure], beside: Sequence[str], most: Mapping[str, float]
) -> Iterator[Row]:
    """The rows of ``figures``, which ``measured`` gave; a cold check may cost so many times what ``most`` names."""
    for name in (*_FLOORS, *beside):
        yield ratio(corpus, COLD, figures[COLD], name, figures.get(name), most.get(name))
    warm = "import-linter, warm"
    yield ratio(corpus, SAME, figures[SAME], warm, figures.get(warm), 0.1)
    yield at_most(corpus, EDITED, figures[EDITED], 0.5)
    yield ratio(corpus, EDITED, figures[EDITED], SAME, figures[SAME], 4.0)
