"""The verdict on one way: whether it goes down layer by layer and through the choke point, and how surely."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from phase12_lint.calls.advice import FIRST_SERVICE, Advice, advice_of
from phase12_lint.calls.layers import layers_of
from phase12_lint.calls.path_verdicts import PROVED, UNRESOLVED, VIOLATED, Step, Way
from phase12_lint.calls.reached import Edge
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Run
from phase12_lint.values.program import Program

_KNOWN_ENTRIES = ("route", "task", "thread", "script", "exception handler")


class Link(NamedTuple):
    """One hop with what it stands for: the code reached (None if it is outside the program), by which call or run."""

    step: Step
    scope: Scope | None
    edge: Edge | None
    run: Run | None = None


class _Fault(NamedTuple):
    verdict: str
    reason: str
    at: int


def judged(program: Program, links: Sequence[Link]) -> Way:
    """The way that ``links`` are. The first violation decides, else the first hop that is not resolved."""
    faults = [*_crossings(program, links), *_ends(program, links)]
    steps = tuple(link.step for link in links)
    for verdict in (VIOLATED, UNRESOLVED):
        for fault in sorted(faults, key=lambda each: each.at):
            if fault.verdict == verdict:
                return Way(verdict, fault.reason, steps, fault.at)
    return Way(PROVED, "", steps)


def _crossings(program: Program, links: Sequence[Link]) -> Iterator[_Fault]:
    layers, advice = layers_of(program), advice_of(program)
    last_known: int | None = None
    for at, (before, link) in enumerate(itertools.pairwise(links), 1):
        source = layers.of(before.scope) if before.scope is not None else None
        edge = link.edge
        if edge is None or before.scope is None:
            continue
        callee = edge.call.callees[0]
        if source is None and callee.on_behalf is not None:
            source = layers.of(callee.on_behalf)
        if source is None and callee.is_passed_through:
            source = last_known
        last_known = source if source is not None else last_known
        target = callee.layer
        is_guess = link.step.evidence == "name" and target != layers.last
        if target is not None and not is_guess and not _is_carried(links, at):
            yield from _crossing(advice, before.step, link.step, source, target, at)
        if source != layers.last and target == layers.last and not _is_entry(program, link.scope):
            reason = f"`{link.step.name}` is not an entry of {advice.choke_point}, so it bypasses what an entry does"
            yield _Fault(VIOLATED, reason, at)
        if link.step.evidence == "name":
            receiver = getattr(getattr(edge.call.node, "func", None), "value", None)
            what = describe(receiver) if isinstance(receiver, ast.expr) else link.step.name
            yield _Fault(UNRESOLVED, f"`{link.step.name}` is known by its name only: annotate `{what}`", at)


def _is_carried(links: Sequence[Link], at: int) -> bool:
    """Whether the call only gives on a function that a later hop calls: that hop is judged."""
    edge = links[at].edge
    assert edge is not None
    return edge.target is not None and edge.target.carried is not None


def _crossing(
    advice: Advice, before: Step, step: Step, source: int | None, target: int, at: int
) -> Iterator[_Fault]:
    if source is None:
        if target > FIRST_SERVICE:
            first = advice.layer(FIRST_SERVICE) if advice.has(FIRST_SERVICE) else "the first service"
            reason = f"`{before.name}` is of no layer and enters at {advice.layer(target)}, below {first}"
            yield _Fault(VIOLATED, reason, at)
    elif target > source + 1:
        skipped = advice.layer(source + 1)
        reason = f"`{before.name}` of {advice.layer(source)} skips {skipped} and calls `{step.name}`"
        yield _Fault(VIOLATED, reason, at)
    elif target < source:
        reason = f"`{before.name}` of {advice.layer(source)} calls back to {advice.layer(target)}, a layer above it"
        yield _Fault(VIOLATED, reason, at)


def _is_entry(program: Program, scope: Scope | None) -> bool:
    """Whether ``scope``, reached from outside the choke point, is one of its entries (or is outside the program)."""
    if scope is None or scope in program.choke.functions or scope.name in program.entries:
        return True
    return not program.choke.holds(scope)


def _ends(program: Program, links: Sequence[Link]) -> Iterator[_Fault]:
    layers = layers_of(program)
    first, last, end = links[0], links[-1], len(links) - 1
    number = layers.of(first.scope) if first.scope is not None else None
    if number is not None and number > FIRST_SERVICE and first.step.evidence not in _KNOWN_ENTRIES:
        yield _Fault(UNRESOLVED, f"no call of `{first.step.name}` was found in the program", 0)
    if last.run is None:
        where = "outside the program" if last.scope is None else f"in `{last.step.name}`"
        yield _Fault(UNRESOLVED, f"the plugin run itself was not found: it is {where}", end)
        return
    if not last.run.inside:
        reason = f"`{last.step.name}` runs a plugin outside {advice_of(program).runs(last.run.method)}"
        yield _Fault(VIOLATED, reason, end)
    elif last.step.evidence == "name":
        yield _Fault(UNRESOLVED, f"`{last.step.name}` is known by its name only", end)
