"""The time and memory of commands, each run once a round, so that all share the machine's weather."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from threading import Timer
from types import MappingProxyType
from typing import NamedTuple

_PATIENCE = 6
_PARSE_ALL = """\
import ast, pathlib, sys, warnings
warnings.simplefilter("ignore")
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        pass
"""
_READ_ALL = """\
import pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    b"plugin" in path.read_bytes()
"""


class Contestant(NamedTuple):
    """A command, what is done before each of its runs, and the exit statuses that mean that it worked.

    ``folder`` is where it runs, ``stdin`` the file that it reads; ``once`` is for what is too slow to repeat.
    """

    name: str
    command: Sequence[str]
    before: Callable[[], object] = lambda: None
    environment: Mapping[str, str] = MappingProxyType({})
    folder: Path | None = None
    stdin: Path = Path(os.devnull)
    once: bool = False
    statuses: tuple[int, ...] = (0, 1)


class Figure(NamedTuple):
    """Seconds on the wall and of processors, and peak memory of the largest process in MiB, all medians.

    ``fault`` says why there is none, and ``output`` what the last run wrote.
    """

    wall: float
    cpu: float
    mebibytes: float
    fault: str = ""
    output: str = ""

    def __add__(self, other: object) -> Figure:
        """What both cost, one after the other; their memory added up."""
        if not isinstance(other, Figure):
            return NotImplemented
        return Figure(
            self.wall + other.wall,
            self.cpu + other.cpu,
            self.mebibytes + other.mebibytes,
            self.fault or other.fault,
        )


def ast_floor(tree: Path) -> Contestant:
    """``ast.parse`` of every file of ``tree``, in one process."""
    return Contestant("ast.parse", (sys.executable, "-c", _PARSE_ALL, str(tree)))


def byte_floor(tree: Path) -> Contestant:
    """Read every file of ``tree`` and look for one word in it, in one process."""
    return Contestant("reading all bytes", (sys.executable, "-c", _READ_ALL, str(tree)))


class Race(NamedTuple):
    """How often each command is run, and after how many CPU seconds one of its processes is stopped.

    Processor time and not the clock, so that a busy machine stops no more than an idle one; what does not even
    use the processor is stopped by the clock, after ``_PATIENCE`` times as many seconds.
    """

    rounds: int
    timeout: int

    def run(self, contestants: Sequence[Contestant]) -> dict[str, Figure]:
        """The figures by name; what failed or was stopped once is not run again."""
        runs: dict[str, list[Figure]] = {contestant.name: [] for contestant in contestants}
        for _ in range(self.rounds):
            for contestant in contestants:
                done = runs[contestant.name]
                if not done or not (contestant.once or done[-1].fault):
                    contestant.before()
                    done.append(_run(contestant, self.timeout))
        return {name: _middle(figures) for name, figures in runs.items()}


def _middle(figures: Sequence[Figure]) -> Figure:
    last = figures[-1]
    if last.fault:
        return last
    return Figure(
        median(figure.wall for figure in figures),
        median(figure.cpu for figure in figures),
        median(figure.mebibytes for figure in figures),
        output=last.output,
    )


def _run(contestant: Contestant, timeout: int) -> Figure:
    print(f"  {contestant.name} ...", end=" ", file=sys.stderr, flush=True)
    with TemporaryFile() as output, TemporaryFile() as errors, contestant.stdin.open("rb") as stdin:
        start = time.perf_counter()
        process = subprocess.Popen(
            contestant.command,
            env={**os.environ, **contestant.environment},
            cwd=contestant.folder,
            stdin=stdin,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        _limit(process.pid, timeout)
        timer = Timer(_PATIENCE * timeout, _stop, (process.pid,))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _stop(process.pid)
            raise
        finally:
            timer.cancel()
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        print(f"{wall:.2f} s", file=sys.stderr)
        fault = ""
        cpu = usage.ru_utime + usage.ru_stime
        killed = process.returncode == -signal.SIGKILL
        if process.returncode == -signal.SIGXCPU or (killed and cpu >= timeout):
            fault = f"stopped after {timeout} CPU s"
        elif killed and wall >= _PATIENCE * timeout:
            fault = f"stopped after {_PATIENCE * timeout} s"
        elif process.returncode not in contestant.statuses:
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip().splitlines()
            fault = f"exit status {process.returncode}: {' '.join(told[-1:])[:80]}"
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Figure(wall, cpu, usage.ru_maxrss / 1024, fault, text)


def leave_nothing_running() -> None:
    """From now on an end by SIGTERM is an exception, so that what runs is ended as well."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def _limit(process: int, seconds: int) -> None:
    """Let ``process`` and each that it starts from now on use so much of a processor (Linux)."""
    if sys.platform == "linux":
        with suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_CPU, (seconds, seconds + 1))


def _stop(leader: int) -> None:
    """End the process ``leader`` with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
