"""The ratios that a noisy machine allows, as a check: P beside celery and prefect costs what both cost, and no more.

``python -m benchmarks.check_hosts``; the exit status says whether it holds. CPU time is compared, which other work on
the machine changes least; medians of three.
"""

from __future__ import annotations

import sys

from benchmarks import hosts, ours
from benchmarks.measure import Race, leave_nothing_running
from benchmarks.on_hosts import findings
from benchmarks.table import ratio

HOST = "celery, prefect"
RACE = Race(rounds=3, timeout=120)


def main() -> int:
    """0 if P beside the host has the findings of P alone and costs at most 1.25 × the sum, else 1."""
    leave_nothing_running()
    ours.prepare()
    alone, host, tree = hosts.alone(), hosts.host(HOST), hosts.beside(HOST)
    contestants = [ours.cold("P", alone), ours.cold("host", host), ours.cold("both", tree)]
    figures = RACE.run(contestants)
    both = figures["P"] + figures["host"]
    rows = [
        findings(f"beside {HOST}", figures["both"], figures["P"], figures["host"]),
        ratio("P", f"cost beside {HOST}", figures["both"], "P alone + the host alone", both, 1.25, "cpu"),
    ]
    for row in rows:
        print(row.text(), end="")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
