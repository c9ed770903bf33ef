"""What may stand above a plugin run on a call stack, as the ways of a program say."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping

from phase12_lint.calls.mentions import stands_in_decorator
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.calls.paths import code_of, traced
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import Fact, RunAccess
from phase12_lint.values.program import Program

RUN = None
"""Stands for the plugin run itself, below the function that runs the plugin."""


class Passages:
    """The functions that the ways go through, and which of them may call which. ``facts`` as for ``ways``."""

    def __init__(self, program: Program, facts: Iterable[Fact]) -> None:
        found = traced(program, facts)
        self._program = program
        self._calls: dict[Scope, set[Scope | None]] = defaultdict(set)
        self._begin: set[Scope | None] = {start.scope for start in found.graph.starts()}
        self._begin |= found.graph.handed
        for start, edges in found.graph.edges.items():
            for edge in edges:
                if edge.target is not None:
                    self._calls[start.scope].add(edge.target.scope)
        for scope, runs in found.graph.runs.items():
            self._calls[scope].add(RUN)
            if any(isinstance(fact, RunAccess) and fact.use == "taken" for fact in runs):
                self._begin.add(RUN)
        self.ways = {way: _functions(scopes) for way, scopes in found.ways.items()}

    ways: Mapping[Way, tuple[Scope, ...]]
    """Each way with the functions that it goes through, from the entry down to the one that runs the plugin."""

    def goes_through(self, scope: Scope) -> bool:
        """Whether a way goes through ``scope``."""
        return scope in self._calls or scope in self._begin

    def may_begin(self, callee: Scope | None) -> bool:
        """Whether a stack may begin at ``callee``: it is an entry, or it is handed over."""
        return callee in self._begin

    def between(self, caller: Scope, callee: Scope | None, is_lazy: bool) -> tuple[Scope, ...] | None:
        """What a call of ``caller`` goes through before ``callee``: nothing if it calls it itself; None if it does not.

        A coroutine or generator (``is_lazy``) may have been made by functions that are over when it runs.
        """
        if callee in self._calls.get(caller, ()):
            return ()
        pending: list[tuple[Scope, tuple[Scope, ...]]] = [(caller, ())] if is_lazy else []
        seen = set()
        while pending:
            scope, passed = pending.pop()
            for maker in self._calls.get(scope, ()):
                if maker is RUN or maker in seen or is_lazy_function(maker):
                    continue
                seen.add(maker)
                if callee in self._calls.get(maker, ()):
                    return (*passed, maker)
                pending.append((maker, (*passed, maker)))
        return None

    def is_wrapper(self, scope: Scope, function: Scope | None) -> bool:
        """Whether ``scope`` stands in a decorator of ``function``: then it runs as part of it."""
        return function is not None and stands_in_decorator(self._program, scope, function)

    def is_carrier(self, scope: Scope) -> bool:
        """Whether ``scope`` is part of the choke point, and only carries what the choke point hands over."""
        return not self.goes_through(scope) and self._program.is_inside(scope)


def is_lazy_function(scope: Scope) -> bool:
    """Whether a call of ``scope`` only makes a coroutine or a generator."""
    return isinstance(scope.node, ast.AsyncFunctionDef) or bool(scope.module.bound(scope).yields)


def _functions(scopes: Iterable[Scope | None]) -> tuple[Scope, ...]:
    """The functions of the hops; the last hop, the run itself, stands in the one before."""
    found: list[Scope] = []
    for scope in scopes:
        if scope is not None and (not found or code_of(scope) is not found[-1]):
            found.append(code_of(scope))
    return tuple(found)
