"""The metrics update on every way out of an entry: what GOV401 judges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.execution.entries import Entry, entries, hop
from phase12_lint.execution.roles import UPDATE
from phase12_lint.execution.steps import ALL_WAYS, NEXT, Step
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program


@dataclass(frozen=True, slots=True)
class UnmeasuredRun(Fact):
    """A plugin run after which some way out of ``entry`` misses the metrics update; ``way`` says how it is left."""

    entry: str
    way: str


def measurement(program: Program) -> Iterator[Fact]:
    """The plugin runs after which some way out misses the update."""
    for entry in program.once(entries):
        for run in entry.runs:
            yield from _unmeasured(entry, run)


def _unmeasured(entry: Entry, run: Step) -> Iterator[Fact]:
    ends = {
        entry.ways.left: "by a return",
        entry.ways.failed: "by an exception",
        entry.ways.stopped: "by an exception that no handler for Exception catches, such as KeyboardInterrupt",
    }
    for start in (step for step in entry.ways.runs if step.access is run.access):
        following = [each for way in ALL_WAYS for each in start.successors(way)]
        reached = entry.reached(following, entry.environments.get(start, {}), _passes)
        for end, way in ends.items():
            if end in reached:
                fact = entry.fact(run)
                leaving = [
                    s for s in reached if end in s.following and s.kind == "return" and s.node is not None
                ]
                hops = [
                    hop(s.act.scope, s.node, "leaves here without the update") for s in leaving[:1] if s.node
                ]
                evidence = entry.evidence(fact.evidence.what, *hops)
                yield UnmeasuredRun(fact.node, fact.scope, evidence, True, entry.name, way)
                return


def _passes(step: Step) -> tuple[str, ...]:
    if step.role == UPDATE:
        return ()
    return (NEXT,) if step.final else ALL_WAYS


OF_THE_PROGRAM = (measurement,)
