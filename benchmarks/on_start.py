"""The start of the program: nothing heavy is imported before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import ours
from benchmarks.bench import Bench
from benchmarks.measure import Contestant
from benchmarks.table import Row, ratio

_TIMES = 4  # as many rounds as elsewhere: so short a run needs more of them


def rows(bench: Bench) -> Iterator[Row]:
    """The row of ``--version``."""
    version, nothing = "phase12-lint --version", "python -c pass"
    race = bench.race._replace(rounds=bench.race.rounds * _TIMES)
    figures = race.run(
        [
            Contestant(version, (str(ours.PROGRAMS / "phase12-lint"), "--version")),
            Contestant(nothing, (sys.executable, "-c", "pass")),
        ]
    )
    for unit in ("wall", "cpu"):
        yield ratio("start", version, figures[version], nothing, figures[nothing], 3.0, unit)
