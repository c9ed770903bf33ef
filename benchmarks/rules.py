"""What the rules that ask the whole program cost: the same tree with them and without, in turn, in one process.

``make bench-rules`` prints the table and keeps it in ``RULES.md``.
"""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.corpora import lay_out
from phase12_lint import analysis
from phase12_lint.cache import Cache
from phase12_lint.config import load
from phase12_lint.engine import Request
from phase12_lint.facts import collect
from phase12_lint.sources import Contents, scan

ROOT = Path(__file__).parents[1]
ROUNDS = 5
KEPT = Path(__file__).with_name("RULES.md")
HEAD = f"""\
# What the rules GOV2 to GOV6 cost

`make bench-rules`: the analysis of one tree in one process, without the facts of the whole program (GOV0 and GOV1)
and with them, in turns that change their order; medians of {ROUNDS} after one to warm up, in seconds of processor time,
and in brackets the least and the most. Where nothing is governed (C) the two must be the same, so that ratio
shows how much of a ratio is noise; "C and the runtime" has a governed service in it.

| tree | files | GOV0 and GOV1 | all | ratio |
|---|--:|--:|--:|--:|
"""


@contextmanager
def trees() -> Iterator[dict[str, Path]]:
    """The repository itself, which holds the governed runtime, others' code, and the runtime among others' code."""
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder) / "both"
        shutil.copytree(lay_out("C"), both)
        shutil.copytree(ROOT / "reference_runtime", both / "reference_runtime")
        yield {
            "this repository": ROOT,
            "C": lay_out("C"),
            "C and the runtime": both,
        }


def measure(root: Path, whole: bool) -> float:
    """Seconds for one analysis of ``root``; with the facts of the whole program if ``whole``."""
    settings = load(root)
    request = Request(root, settings.policies, settings.exclude, cache=False)
    makers = collect.OF_THE_PROGRAM
    gc.collect()  # what the turn before has left is not this one's
    started = process_time()
    try:
        collect.OF_THE_PROGRAM = makers if whole else ()
        analysis.analyse(request, Contents(root, scan(root, settings.exclude)), [], None, Cache(root, False))
    finally:
        collect.OF_THE_PROGRAM = makers
    return process_time() - started


def compare(root: Path) -> tuple[list[float], list[float]]:
    """The seconds without the facts of the whole program, and with them."""
    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(ROUNDS + 1):
        for whole in (False, True) if number % 2 else (True, False):
            found[whole].append(measure(root, whole))
    return found[False][1:], found[True][1:]


def row(name: str, root: Path) -> str:
    """A line of the table."""
    without, whole = compare(root)
    files = len(scan(root, load(root).exclude))
    ratio = median(whole) / median(without)
    return f"| {name} | {files:,} | {_seconds(without)} | {_seconds(whole)} | {ratio:.2f} |\n"


def _seconds(times: list[float]) -> str:
    return f"{median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def main() -> None:
    """Measure, print and keep the table."""
    rows = []
    with trees() as roots:
        for name, root in roots.items():
            rows.append(row(name, root))
            print(rows[-1], end="", flush=True)
    KEPT.write_text(HEAD + "".join(rows) + f"\nPython {sys.version.split()[0]}.\n", encoding="utf-8")
    print(f"kept in {KEPT}")


if __name__ == "__main__":
    main()
