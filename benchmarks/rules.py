"""What the rules that ask the whole program cost: the same tree with them and without, in turn, in one process.

``make bench-rules`` prints the table and keeps it in ``RULES.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.corpora import lay_out
from phase12_lint import analysis
from phase12_lint.config import load
from phase12_lint.engine import Request
from phase12_lint.governance import collect
from phase12_lint.sources import scan

ROUNDS = 5
KEPT = Path(__file__).with_name("RULES.md")
HEAD = f"""\
# What the rules GOV2 to GOV6 cost

`make bench-rules`: the analysis of one tree in one process, without the facts of the whole program (GOV0 and GOV1)
and with them, in turn; medians of {ROUNDS} after one to warm up, in seconds.

| tree | files | GOV0 and GOV1 | all | ratio |
|---|--:|--:|--:|--:|
"""


def trees() -> Iterator[tuple[str, Path]]:
    """The repository itself, which holds the governed runtime, and two corpora of others' code."""
    yield "this repository", Path(__file__).parents[1]
    yield "C", lay_out("C")
    yield "stdlib", lay_out("stdlib")


def measure(root: Path, whole: bool) -> float:
    """Seconds for one analysis of ``root``; with the facts of the whole program if ``whole``."""
    settings = load(root)
    request = Request(root, settings.policies, settings.exclude, cache=False)
    makers = collect.OF_THE_PROGRAM
    started = perf_counter()
    try:
        collect.OF_THE_PROGRAM = makers if whole else ()
        analysis.analyse(request, list(scan(root, settings.exclude)), [], None)
    finally:
        collect.OF_THE_PROGRAM = makers
    return perf_counter() - started


def main() -> None:
    """Measure, print and keep the table."""
    rows = []
    for name, root in trees():
        files = len(scan(root, load(root).exclude))
        pairs = [(measure(root, False), measure(root, True)) for _ in range(ROUNDS + 1)][1:]
        without, whole = (median(each) for each in zip(*pairs, strict=True))
        rows.append(f"| {name} | {files:,} | {without:.2f} | {whole:.2f} | {whole / without:.2f} |\n")
        print(rows[-1], end="")
    KEPT.write_text(HEAD + "".join(rows) + f"\nPython {sys.version.split()[0]}.\n", encoding="utf-8")
    print(f"kept in {KEPT}")


if __name__ == "__main__":
    main()
