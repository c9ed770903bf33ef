"""A demand-driven fixpoint: the top-down solver of Le Charlier and Van Hentenryck.

A question is a tuple ``(method, *arguments)``; its answer a frozenset. A question that is asked while it
is being answered sees the answer so far, and everything that read an answer is done again when it grows,
so recursion in the program that is read ends in its least fixpoint. Every question from outside has a
budget of computations; where that or another bound is met the answer says so (``on_bound``) instead of being
silently short, and nothing that was made from an unfinished answer is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

Key = tuple[Hashable, ...]
Answer = frozenset[Any]
EMPTY: Answer = frozenset()

_DEPTH = 300
_BUDGET = 3_000
_LATE_BUDGET = 60
_PLENTY = 40_000
_REPLACING_ROUNDS = 6
_ROUNDS = 25


class _Exhausted(Exception):
    """The question from outside has cost too much, or gone too deep."""


class Solver:
    """Answers questions through ``compute`` and remembers the answers with what they were made from."""

    def __init__(
        self,
        compute: Callable[[Key], Answer],
        on_bound: Callable[[str, Key], Answer],
        budget: int | None = None,
    ) -> None:
        self._compute = compute
        self._on_bound = on_bound
        self._answers: dict[Key, Answer] = {}
        self._stable: set[Key] = set()
        self._readers: dict[Key, set[Key]] = {}
        self._sources: dict[Key, dict[Key, None]] = {}
        self._rounds: dict[Key, int] = {}
        self._stack: list[Key] = []
        self._budget = _BUDGET if budget is None else budget
        self._spent = 0
        self._limit = 0

    def ask(self, key: Key) -> Answer:
        """The answer to ``key``; inside a computation also noted as something that it stands on."""
        if key not in self._stable:
            if not self._stack:
                self._solve_within_budget(key)
            elif len(self._stack) >= _DEPTH:
                raise _Exhausted
            else:
                self._solve(key)
        if self._stack:
            reader = self._stack[-1]
            self._readers.setdefault(key, set()).add(reader)
            self._sources[reader][key] = None
        return self._answers.get(key, EMPTY)

    def sources(self, key: Key) -> list[Key]:
        """The questions that the answer to ``key`` was made from, in the order in which they were asked."""
        return list(self._sources.get(key, ()))

    def spend(self, cost: int) -> None:
        """Count work that a computation does besides asking; may end the question from outside."""
        self._spent += cost
        if self._spent > self._limit and self._stack:
            raise _Exhausted

    def _solve_within_budget(self, key: Key) -> None:
        self._limit = self._spent + (self._budget if self._spent < _PLENTY else _LATE_BUDGET)
        try:
            self._solve(key)
        except _Exhausted:
            self._stable.add(key)
            self._answers[key] = self._on_bound("work", key)

    def _solve(self, key: Key) -> None:
        while key not in self._stable:
            self.spend(1)
            self._stable.add(key)
            self._sources[key] = {}
            self._stack.append(key)
            try:
                answer = self._compute(key)
            except BaseException:
                self._stable.discard(key)
                self._destabilise(key)
                raise
            finally:
                self._stack.pop()
            before = self._answers.get(key, EMPTY)
            rounds = self._rounds[key] = self._rounds.get(key, 0) + 1
            if rounds > _REPLACING_ROUNDS:
                answer |= before
            if rounds > _ROUNDS:
                answer |= self._on_bound("rounds", key)
            if answer != before:
                self._answers[key] = answer
                if rounds <= _ROUNDS:
                    self._destabilise(key)

    def _destabilise(self, key: Key) -> None:
        stale = [key]
        while stale:
            for reader in self._readers.pop(stale.pop(), ()):
                if reader in self._stable:
                    self._stable.discard(reader)
                    stale.append(reader)
