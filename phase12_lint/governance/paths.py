"""Every way of the program from an entry to a plugin run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from phase12_lint.governance.reach import Search
from phase12_lint.governance.reached import Edge, Target
from phase12_lint.governance.routes import is_route
from phase12_lint.governance.steps import Steps
from phase12_lint.governance.verdicts import Link, judged
from phase12_lint.governance.ways import UNRESOLVED, Way
from phase12_lint.survey.facts import Fact, Reflection, Replacement, RunAccess
from phase12_lint.survey.ordering import order
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope

_MOST_WAYS = 500
_MOST_HOPS = 40
_MOST_STEPS = 20_000


class _Start(NamedTuple):
    """An entry: the code of ``scope``, under ``target`` if it is a function that is called."""

    scope: Scope
    target: Target | None


def ways(program: Program, facts: Iterable[Fact]) -> list[Way]:
    """Each way, with its verdict. ``facts`` are those of the whole program, for the places that run a plugin."""
    facts = list(facts)
    runs = [fact for fact in facts if _is_run(fact)]
    graph = _Graph(program, runs)
    found = sorted(set(graph.ways()), key=lambda way: way.sort_key)
    bound = graph.bound or _unseen(program) or _replaced(facts)
    if bound:
        found = [way if way.reason else way._replace(verdict=UNRESOLVED, reason=bound) for way in found]
    return found


def _unseen(program: Program) -> str:
    """What of the program was not seen, if that may hide a way: a bound that was met, a file that does not parse."""
    broken = sorted(program.project.errors.keys() - program.project.exempt)
    if broken:
        return f"{broken[0]} cannot be parsed"
    return next((note for note in program.notes if " bound on " in note), "")


def _replaced(facts: Iterable[Fact]) -> str:
    """What replaces the entry or a plugin's run: then what is read is not what runs."""
    for fact in facts:
        if isinstance(fact, Replacement):
            where = f"{fact.scope.module.path}:{fact.scope.module.lines.span(fact.node).line}"
            return f"`{fact.target}` is replaced at {where}"
    return ""


def _is_run(fact: Fact) -> bool:
    if isinstance(fact, Reflection):
        return True
    return isinstance(fact, RunAccess) and fact.use in ("called", "taken")


class _Graph:
    def __init__(self, program: Program, runs: Sequence[Fact]) -> None:
        self._program = program
        self._make = Steps(program)
        self.bound = ""
        self._steps = 0
        self._runs: dict[Scope, list[Fact]] = defaultdict(list)
        for fact in runs:
            self._runs[_code_of(fact.scope)].append(fact)
        search = Search(program, [scope for scope in self._runs if scope.is_function])
        search.run()
        if not search.complete:
            self.bound = "the search for callers met its bound on functions"
        self._from: dict[_Start, list[Edge]] = defaultdict(list)
        called = set()
        for edge in sorted(search.edges.values(), key=lambda e: order(e.call.scope, e.call.node)):
            if edge.caller is None and edge.call.handed and edge.call.scope.is_function:
                continue
            self._from[_start_of(edge)].append(edge)
            called.add(edge.target)
        self._targets = search.targets
        self._called = called

    def ways(self) -> Iterator[Way]:
        """Every way from every entry, up to a bound on their number."""
        count = 0
        for start in self._starts():
            for links in self._down(
                [Link(self._make.of_entry(start.scope, self._first_line(start)), start.scope, None)], start
            ):
                yield judged(self._program, links)
                count += 1
                if count >= _MOST_WAYS:
                    self.bound = f"there are more than {_MOST_WAYS} ways; the others were not followed"
                    return

    def _starts(self) -> list[_Start]:
        starts = {start: None for start in self._from if start.target is None}
        starts |= {_Start(scope, None): None for scope in self._runs if not scope.is_function}
        for target in self._targets:
            if target not in self._called or is_route(self._program, target.scope):
                starts[_Start(target.scope, target)] = None
        reached = self._reachable(starts)
        for target in self._targets:
            if target not in reached:  # in a circle that nothing else calls
                starts[_Start(target.scope, target)] = None
                reached |= self._reachable([_Start(target.scope, target)])
        return sorted(starts, key=lambda start: order(start.scope, start.scope.node))

    def _reachable(self, starts: Iterable[_Start]) -> set[Target]:
        found: set[Target] = set()
        pending = list(starts)
        while pending:
            start = pending.pop()
            if start.target is not None:
                found.add(start.target)
            onward = [edge.target for edge in self._from.get(start, ()) if edge.target is not None]
            pending += [_Start(target.scope, target) for target in onward if target not in found]
        return found

    def _down(self, links: list[Link], start: _Start) -> Iterator[list[Link]]:
        """Every way on from the last of ``links``, the code of ``start``."""
        self._steps += 1
        if len(links) > _MOST_HOPS or self._steps > _MOST_STEPS:
            self.bound = f"there are ways of more than {_MOST_HOPS} hops, or too many to follow"
            return
        runs = self._runs.get(start.scope, ())
        for fact in runs:
            yield [*links, Link(self._make.of_run(fact), fact.scope, None, run=fact)]
        onward = [e for e in self._from.get(start, ()) if e.target is None or not _is_in(links, e.target)]
        for edge in onward:
            link = Link(self._make.of_call(edge), edge.target.scope if edge.target else None, edge)
            if edge.target is None:
                yield [*links, link]
            else:
                yield from self._down([*links, link], _Start(edge.target.scope, edge.target))
        if not runs and not self._from.get(start):
            yield links

    def _first_line(self, start: _Start) -> int:
        nodes = [edge.call.node for edge in self._from.get(start, ())]
        nodes += [f.node for f in self._runs.get(start.scope, ()) if isinstance(f.node, ast.expr)]
        return min((node.lineno for node in nodes), default=1)


def _code_of(scope: Scope) -> Scope:
    """The function that runs the code of ``scope``, or its module."""
    for outer in scope.chain():
        if outer.is_function:
            return outer
    return scope.module.scope


def _start_of(edge: Edge) -> _Start:
    if edge.caller is not None:
        return _Start(edge.caller.scope, edge.caller)
    return _Start(_code_of(edge.call.scope), None)


def _is_in(links: Sequence[Link], target: Target) -> bool:
    return any(link.scope is target.scope for link in links)
