"""A demand-driven fixpoint: the top-down solver of Le Charlier and Van Hentenryck.

A question is a tuple ``(method, *arguments)``; its answer a frozenset. A question that is asked while it
is being answered sees the answer so far, and everything that read an answer is done again when it grows,
so recursion in the program that is read ends in its least fixpoint. Every question from outside has a
budget of computations; where that or another bound is met the answer says so (``on_bound``) instead of being
silently short, and nothing that was made from an unfinished answer is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
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


@dataclass(eq=False, slots=True)
class _Question:
    """What is known of ``key``: hashing a key costs more than answering most of them, so it is done once an asking."""

    key: Key
    answer: Answer = EMPTY
    stable: bool = False
    rounds: int = 0
    readers: set[_Question] = field(default_factory=set)
    sources: dict[_Question, None] = field(default_factory=dict)


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
        self._questions: dict[Key, _Question] = {}
        self._stack: list[_Question] = []
        self._budget = _BUDGET if budget is None else budget
        self._spent = 0
        self._limit = 0

    def ask(self, key: Key) -> Answer:
        """The answer to ``key``; inside a computation also noted as something that it stands on."""
        question = self._questions.get(key)
        if question is None:
            question = self._questions[key] = _Question(key)
        if not question.stable:
            if not self._stack:
                self._solve_within_budget(question)
            elif len(self._stack) >= _DEPTH:
                raise _Exhausted
            else:
                self._solve(question)
        if self._stack:
            reader = self._stack[-1]
            question.readers.add(reader)
            reader.sources[question] = None
        return question.answer

    def sources(self, key: Key) -> list[Key]:
        """The questions that the answer to ``key`` was made from, in the order in which they were asked."""
        question = self._questions.get(key)
        return [source.key for source in question.sources] if question is not None else []

    def forget(self) -> None:
        """Let go of all questions: they refer to each other, and a program is read without garbage collection."""
        for question in self._questions.values():
            question.readers.clear()
            question.sources.clear()
        self._questions.clear()

    def spend(self, cost: int) -> None:
        """Count work that a computation does besides asking; may end the question from outside."""
        self._spent += cost
        if self._spent > self._limit and self._stack:
            raise _Exhausted

    def _solve_within_budget(self, question: _Question) -> None:
        self._limit = self._spent + (self._budget if self._spent < _PLENTY else _LATE_BUDGET)
        try:
            self._solve(question)
        except _Exhausted:
            question.stable = True
            question.answer = self._on_bound("work", question.key)

    def _solve(self, question: _Question) -> None:
        while not question.stable:
            self.spend(1)
            question.stable = True
            question.sources = {}
            self._stack.append(question)
            try:
                answer = self._compute(question.key)
            except BaseException:
                question.stable = False
                self._destabilise(question)
                raise
            finally:
                self._stack.pop()
            before = question.answer
            question.rounds += 1
            if question.rounds > _REPLACING_ROUNDS:
                answer |= before
            if question.rounds > _ROUNDS:
                answer |= self._on_bound("rounds", question.key)
            if answer != before:
                question.answer = answer
                if question.rounds <= _ROUNDS:
                    self._destabilise(question)

    @staticmethod
    def _destabilise(question: _Question) -> None:
        stale = [question]
        while stale:
            changed = stale.pop()
            readers, changed.readers = changed.readers, set()
            for reader in readers:
                if reader.stable:
                    reader.stable = False
                    stale.append(reader)
