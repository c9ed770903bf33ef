"""Measure, print the table, keep it in RESULTS.md. Arguments: ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import on_a, on_b, on_d, on_editor, on_growth, on_hosts, on_others, on_start, ours, peers
from benchmarks.bench import Bench
from benchmarks.measure import Race, leave_nothing_running
from benchmarks.table import Row, render
from phase12_lint import __version__

RESULTS = Path(__file__).with_name("RESULTS.md")
GROUPS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "P": on_hosts.rows,
    "A": on_a.rows,
    "growth": on_growth.rows,
    "D": on_d.rows,
    "B": on_b.rows,
    "B-all": on_b.rows_of_all,
    "C": partial(on_others.rows, name="C"),
    "stdlib": partial(on_others.rows, name="stdlib"),
    "stdlib-tests": partial(on_others.rows, name="stdlib-tests"),
    "start": on_start.rows,
    "editor": on_editor.rows,
}


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", metavar="GROUPS", help=f"of {','.join(GROUPS)}; default: all")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is run (default: 5)")
    parser.add_argument("--timeout", type=int, default=300, help="CPU seconds after which a run is stopped")
    parser.add_argument(
        "--keep", action="store_true", help=f"write {RESULTS.name} though not all was measured"
    )
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else list(GROUPS)
    if unknown := set(wanted) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    leave_nothing_running()
    ours.prepare()
    bench = Bench(Race(options.runs, options.timeout), peers.install(), [])
    rows = list[Row]()
    for name in wanted:
        print(f"measuring {name} ...", file=sys.stderr)
        for row in GROUPS[name](bench):
            print(row.text(), end="", file=sys.stderr)
            rows.append(row)
    absent = [package for tool, package in peers.VERSIONS.items() if tool not in bench.tools]
    there = [package for tool, package in peers.VERSIONS.items() if tool in bench.tools]
    bench.notes.append(", ".join((f"phase12-lint=={__version__}", *there)))
    if absent:
        bench.notes.append(f"could not be installed: {', '.join(absent)}")
    page = render(rows, bench.notes, options.runs, options.timeout)
    print(page)
    if options.keep or len(wanted) == len(GROUPS):
        RESULTS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
