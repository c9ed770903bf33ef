"""The time and memory of commands, each run once a round, so that all share the machine's weather."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import NamedTuple

PARSE_ALL = """\
import ast, pathlib, sys, warnings
warnings.simplefilter("ignore")
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        pass
"""


class Contestant(NamedTuple):
    """A command, what is done before each of its runs, and the exit statuses that mean that it worked."""

    name: str
    command: Sequence[str]
    before: Callable[[], None] = lambda: None
    environment: Mapping[str, str] = MappingProxyType({})
    statuses: tuple[int, ...] = (0, 1)


class Figure(NamedTuple):
    """Medians of a contestant's runs: wall seconds, and peak memory of its largest process in MiB."""

    seconds: float
    mebibytes: float


def ast_floor(corpus: Path) -> Contestant:
    """``ast.parse`` of every file of ``corpus``, in one process: no reader of syntax trees can be quicker."""
    return Contestant("ast.parse", (sys.executable, "-c", PARSE_ALL, str(corpus)))


def race(contestants: Sequence[Contestant], rounds: int) -> dict[str, Figure]:
    """The figures by name, medians of ``rounds`` runs each; raises ``RuntimeError`` if a run fails."""
    runs: dict[str, list[Figure]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            contestant.before()
            runs[contestant.name].append(_run(contestant))
    return {
        name: Figure(*(median(values) for values in zip(*figures, strict=True)))
        for name, figures in runs.items()
    }


def _run(contestant: Contestant) -> Figure:
    with TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            contestant.command,
            env={**os.environ, **contestant.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in contestant.statuses:
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"{contestant.name}: exit status {process.returncode}: {told[-1:]}")
    return Figure(seconds, usage.ru_maxrss / 1024)
