"""The verdict on all that was recorded: the edges that ``paths`` lacks, and the ways that nothing has walked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from phase12_lint.analysis import quietly
from phase12_lint.calls.path_verdicts import UNRESOLVED, Way
from phase12_lint.engine import Request
from phase12_lint.facts.collect import collect
from phase12_lint.integrations.cross_check import CrossCheck, Fault, Walk
from phase12_lint.integrations.stacks import Run
from phase12_lint.judgement import programs
from phase12_lint.sources import scan
from phase12_lint.values.program import Program


class Verdict(NamedTuple):
    """``faults`` with the test that showed each first; ``stacks`` counts the different ones that were judged.

    ``unwalked`` are the ways that were not walked as a whole, each with the function from which on one was, or ``""``.
    """

    stacks: int
    faults: tuple[tuple[Fault, str], ...]
    ways: tuple[Way, ...]
    unwalked: tuple[tuple[Way, str], ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What a person reads, the faults first."""
        for fault, test in self.faults:
            yield from _told(fault, test)
        if not self.stacks:
            yield "no plugin was run"
        walked = len(self.ways) - len(self.unwalked)
        yield f"{walked} of {_count(len(self.ways), 'path')} walked, by {_count(self.stacks, 'different stack')}"
        for way, begin in sorted(self.unwalked, key=lambda each: not each[1]):
            how = f"walked only from `{begin}` on, which is handed over" if begin else "not walked"
            yield f"{how}: {' > '.join(hop.name for hop in way.hops)}"
        yield from self.notes


def verdict(request: Request, runs: Mapping[Run, str]) -> Verdict:
    """What the project in ``request`` says of ``runs``, each with the test that made it."""
    stacks = 0
    faults: dict[tuple[str, ...], tuple[Fault, str]] = {}
    ways: list[Way] = []
    unwalked: list[tuple[Way, str]] = []
    notes: dict[str, None] = {}
    with quietly():
        for program in programs(request, list(scan(request.root, request.exclude))):
            check = _check(program, request)
            governed = [run for run in runs if check.is_governed(run)]
            stacks += len(governed)
            judged = {run: check.judge(run) for run in governed}
            unwalked += check.unwalked(each for each in judged.values() if isinstance(each, Walk))
            ways += check.passages.ways
            notes |= program.notes
            for run, found in judged.items():
                if isinstance(found, Fault):
                    faults.setdefault((found.caller, found.callee, found.path), (found, runs[run]))
    told = (*_of_verdicts(ways), *notes)
    return Verdict(stacks, tuple(faults.values()), tuple(ways), tuple(unwalked), told)


def _check(program: Program, request: Request) -> CrossCheck:
    facts = [fact for of_module in collect(program, request.screen).values() for fact in of_module]
    return CrossCheck(program, facts)


def _of_verdicts(ways: list[Way]) -> Iterator[str]:
    """What is to be known of ways that are not proved: a stack that takes one has taken a way that is listed."""
    counts = Counter(way.verdict for way in ways)
    first = {way.verdict: way.reason for way in reversed(ways)}
    for each in sorted(counts.keys() & {UNRESOLVED, "VIOLATED"}):
        yield f"{_count(counts[each], 'path')} of `paths` {each}: {first[each]}"


def _told(fault: Fault, test: str) -> Iterator[str]:
    where = f"{fault.path}:{fault.line}: " if fault.line else ""
    if fault.caller:
        yield f"{where}`{fault.caller}` calls `{fault.callee}`, and no path of `paths` has that edge"
    else:
        yield f"{where}a stack begins at `{fault.callee}`, where no path of `paths` begins and nothing hands it over"
    yield f"    recorded: {' > '.join(fault.chain)}"
    if test:
        yield f"    in {test}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
