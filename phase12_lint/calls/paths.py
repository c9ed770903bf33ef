"""Every way of the program from an entry to a plugin run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeGuard

from phase12_lint.calls.hops import Steps
from phase12_lint.calls.judging import Link, judged
from phase12_lint.calls.path_verdicts import UNRESOLVED, Way
from phase12_lint.calls.reached import Edge, Target
from phase12_lint.calls.routes import is_route
from phase12_lint.calls.search import Search
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.ordering import order
from phase12_lint.values.places import Fact, Reflection, Replacement, Run, RunAccess
from phase12_lint.values.program import Program

_MOST_WAYS = 500
_MOST_STEPS = 20_000  # hops, of all ways


class Start(NamedTuple):
    """An entry: the code of ``scope``, under ``target`` if it is a function that is called."""

    scope: Scope
    target: Target | None


class Traced(NamedTuple):
    """The ways, each with the code of its hops from the entry down; None is a hop that is outside the program."""

    ways: Mapping[Way, tuple[Scope | None, ...]]
    graph: Graph


def ways(program: Program, facts: Iterable[Fact]) -> list[Way]:
    """Each way, with its verdict. ``facts`` are those of the whole program, for the places that run a plugin."""
    return list(traced(program, facts).ways)


def traced(program: Program, facts: Iterable[Fact]) -> Traced:
    """Each way in the order of the files, and what they were found in."""
    facts = list(facts)
    graph = Graph(program, [fact for fact in facts if _is_run(fact)])
    found = {judged(program, links): tuple(link.scope for link in links) for links in graph.ways()}
    bound = _unseen(program) or _replaced(facts)
    if bound:
        found = {
            way if way.reason else way._replace(verdict=UNRESOLVED, reason=bound): scopes
            for way, scopes in found.items()
        }
    return Traced(dict(sorted(found.items(), key=lambda each: each[0].sort_key)), graph)


def _unseen(program: Program) -> str:
    """What of the program was not seen, and may hide a way: what was cut anywhere, a file that does not parse."""
    broken = sorted(program.project.errors.keys() - program.project.exempt)
    if broken:
        return f"{broken[0]} cannot be parsed"
    return next(iter(program.notes), "")


def _replaced(facts: Iterable[Fact]) -> str:
    """What replaces the entry or a plugin's run: then what is read is not what runs."""
    for fact in facts:
        if isinstance(fact, Replacement):
            where = f"{fact.scope.module.path}:{fact.scope.module.lines.span(fact.node).line}"
            return f"`{fact.target}` is replaced at {where}"
    return ""


def _is_run(fact: Fact) -> TypeGuard[Run]:
    if isinstance(fact, Reflection):
        return True
    return isinstance(fact, RunAccess) and fact.use in ("called", "taken")


class Graph:
    """The functions that lead to ``runs``, and the calls between them."""

    def __init__(self, program: Program, runs: Sequence[Run]) -> None:
        self._program = program
        self._make = Steps(program)
        self._steps = 0
        self.runs: dict[Scope, list[Run]] = defaultdict(list)
        for fact in runs:
            self.runs[code_of(fact.scope)].append(fact)
        search = Search(program, [scope for scope in self.runs if scope.is_function])
        search.run()
        self.edges: dict[Start, list[Edge]] = defaultdict(list)
        called = set()
        for edge in sorted(search.edges.values(), key=lambda e: order(e.call.scope, e.call.node)):
            if edge.caller is None and edge.call.handed and edge.call.scope.is_function:
                continue
            self.edges[_start_of(edge)].append(edge)
            called.add(edge.target)
        self.handed = {
            edge.target.scope for edge in search.edges.values() if edge.target and edge.is_handed_over
        }
        self._targets = search.targets
        self._called = called

    def ways(self) -> Iterator[list[Link]]:
        """Every way from every entry, up to a bound on their number; of an entry that is cut at least the shortest."""
        count = 0
        for start in self.starts():
            for links in self._from(start):
                yield links
                count += 1
                if count >= _MOST_WAYS:
                    self._program.note(
                        f"more than {_MOST_WAYS} paths lead to plugin runs; "
                        f"those from {_named(start.scope)} on were not followed"
                    )
                    return

    def _from(self, start: Start) -> Iterator[list[Link]]:
        first = [Link(self._make.of_entry(start.scope, self._first_line(start)), start.scope, None)]
        found = False
        for links in self._down(first, start):
            found = True
            yield links
        if not found and self._steps > _MOST_STEPS:
            yield from self._shortest(first, start)

    def _shortest(self, first: list[Link], start: Start) -> Iterator[list[Link]]:
        """The ways from ``start`` to the nearest function that runs a plugin."""
        nearest = {start: first}
        for each in (pending := [start]):
            links = nearest[each]
            if each.scope in self.runs:
                yield from self._ends(links, each)
                return
            for edge in self.edges.get(each, ()):
                onward = Start(edge.target.scope, edge.target) if edge.target is not None else None
                if onward is not None and onward not in nearest:
                    nearest[onward] = [*links, Link(self._make.of_call(edge), onward.scope, edge)]
                    pending.append(onward)

    def starts(self) -> list[Start]:
        """The entries, in the order of the files."""
        starts = {start: None for start in self.edges if start.target is None}
        starts |= {Start(scope, None): None for scope in self.runs if not scope.is_function}
        for target in self._targets:
            if target not in self._called or is_route(self._program, target.scope):
                starts[Start(target.scope, target)] = None
        reached = self._reachable(starts)
        for target in self._targets:
            if target not in reached:  # in a circle that nothing else calls
                starts[Start(target.scope, target)] = None
                reached |= self._reachable([Start(target.scope, target)])
        return sorted(starts, key=lambda start: order(start.scope, start.scope.node))

    def _reachable(self, starts: Iterable[Start]) -> set[Target]:
        found: set[Target] = set()
        pending = list(starts)
        while pending:
            start = pending.pop()
            if start.target is not None:
                found.add(start.target)
            onward = [edge.target for edge in self.edges.get(start, ()) if edge.target is not None]
            pending += [Start(target.scope, target) for target in onward if target not in found]
        return found

    def _down(self, links: list[Link], start: Start) -> Iterator[list[Link]]:
        """Every way on from the last of ``links``, the code of ``start``."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            entry = next((link.scope for link in links if link.scope is not None), start.scope)
            self._program.note(
                f"the paths to plugin runs have more than {_MOST_STEPS} hops; "
                f"those from {_named(entry)} on were not all followed"
            )
            return
        yield from self._ends(links, start)
        onward = [e for e in self.edges.get(start, ()) if e.target is None or not _is_in(links, e.target)]
        for edge in onward:
            link = Link(self._make.of_call(edge), edge.target.scope if edge.target else None, edge)
            if edge.target is None:
                yield [*links, link]
            else:
                yield from self._down([*links, link], Start(edge.target.scope, edge.target))
        if start.scope not in self.runs and not self.edges.get(start):
            yield links

    def _ends(self, links: list[Link], start: Start) -> Iterator[list[Link]]:
        """``links``, each with one of the runs in the code of ``start``."""
        for fact in self.runs.get(start.scope, ()):
            yield [*links, Link(self._make.of_run(fact), fact.scope, None, run=fact)]

    def _first_line(self, start: Start) -> int:
        nodes = [edge.call.node for edge in self.edges.get(start, ())]
        nodes += [f.node for f in self.runs.get(start.scope, ()) if isinstance(f.node, ast.expr)]
        return min((node.lineno for node in nodes), default=1)


def _named(scope: Scope) -> str:
    return f"`{scope.qualified_name or scope.name}` ({scope.module.path})"


def code_of(scope: Scope) -> Scope:
    """The function that runs the code of ``scope``, or its module."""
    for outer in scope.chain():
        if outer.is_function:
            return outer
    return scope.module.scope


def _start_of(edge: Edge) -> Start:
    if edge.caller is not None:
        return Start(edge.caller.scope, edge.caller)
    return Start(code_of(edge.call.scope), None)


def _is_in(links: Sequence[Link], target: Target) -> bool:
    return any(link.scope is target.scope for link in links)
