"""A demand-driven fixpoint: the top-down solver of Le Charlier and Van Hentenryck (1992).

A question is a tuple ``(method, *arguments)``; its answer a frozenset. A question that is asked while it is being
answered sees the answer so far, and everything that read an answer is done again when it grows, so recursion in the
program that is read ends in its least fixpoint. What only stands on that through others is looked at again, and made
again if one of those came out otherwise (Acar's change propagation; Salsa's "red-green" is a later form of it).

Why it ends: questions are made of places of the program under frames of bounded weight, and answers of atoms of a
finite domain (``atoms.py``). An answer may change both ways for the first rounds, while what it stands on settles;
after that it only grows.

A question from outside may stand on so much of a program that it is not worth the wait. It is cut then, and that is
a value of its answer, never silence: ``on_cut`` is told and says what is known without it. Each question from outside
has the same allowance, whatever was asked before it, and some ten times as much while all that it asks is near, such
as the entries of a large table; what was made from an unfinished answer is not kept, but for
the questions that used up half of the allowance themselves, which stay cut.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from phase12_lint.values.room import has_room

Key = tuple[Hashable, ...]
Answer = frozenset[Any]
EMPTY: Answer = frozenset()

_DEEPEST = 1_500
_DEEPEST_WITHOUT_ROOM = 400
_MOST_STEPS = 8_000
_NEAR = 30  # questions deep
_WIDER = 9
_FEW_STEPS = (100, 500, 2_500)
_SETTLING_ROUNDS = 6


class Costly(Exception):
    """A question from outside needs more steps than it was allowed; asked again, it begins with what is known now."""


class _Cut(Exception):
    """The question from outside has cost too much."""


class _TooDeep(Exception):
    """A question stands too deep in others to be answered there."""

    def __init__(self, question: _Question) -> None:
        self.question = question


@dataclass(eq=False, slots=True)
class _Question:
    """What is known of ``key``: hashing a key costs more than answering most of them, so it is done once an asking."""

    key: Key
    answer: Answer = EMPTY
    stable: bool = False
    cut: bool = False
    computed: bool = False
    rounds: int = 0
    begun: int = 0
    readers: set[_Question] = field(default_factory=set)
    sources: dict[_Question, Answer] = field(default_factory=dict)


class Solver:
    """Answers questions through ``compute`` and remembers the answers with what they were made from.

    ``on_cut`` is given a question that was cut, and whether it was the one from outside; it gives the answer.
    """

    def __init__(
        self,
        compute: Callable[[Key], Answer],
        on_cut: Callable[[Key, bool], Answer],
        most_steps: int | None = None,
    ) -> None:
        self._compute = compute
        self._most_steps = _MOST_STEPS if most_steps is None else most_steps
        self._on_cut = on_cut
        self._questions: dict[Key, _Question] = {}
        self._stack: list[_Question] = []
        self._steps = 0
        self._limit = 0
        self._allowed: int | None = None

    def ask(self, key: Key) -> Answer:
        """The answer to ``key``; inside a computation also noted as something that it stands on."""
        question = self._questions.get(key)
        if question is None:
            question = self._questions[key] = _Question(key)
        if not question.stable:
            if self._stack:
                self._solve(question)
            else:
                self._solve_from_outside(question)
        if self._stack:
            reader = self._stack[-1]
            question.readers.add(reader)
            reader.sources.setdefault(question, question.answer)
        return question.answer

    def is_cut(self, key: Key) -> bool:
        """Whether ``key`` was asked, and cut for good."""
        question = self._questions.get(key)
        return question is not None and question.cut

    def sources(self, key: Key) -> list[Key]:
        """The questions that the answer to ``key`` was made from, in the order in which they were asked."""
        question = self._questions.get(key)
        return [source.key for source in question.sources] if question is not None else []

    def all_hold(self, conditions: Iterable[Callable[[], object]]) -> bool:
        """Whether all ``conditions`` hold: each is tried with few steps first, for one may refute what another, which
        is dear to ask, cannot.
        """
        left = list(conditions)
        for steps in _FEW_STEPS:
            costly = []
            for condition in left:
                try:
                    with self.allowing(steps):
                        if not condition():
                            return False
                except Costly:
                    costly.append(condition)
            left = costly
        return all(condition() for condition in left)

    @contextmanager
    def allowing(self, steps: int) -> Iterator[None]:
        """Questions from outside that need more than ``steps`` raise ``Costly``, instead of being cut."""
        before, self._allowed = self._allowed, steps
        try:
            yield
        finally:
            self._allowed = before

    def spend(self, steps: int) -> None:
        """Count work that a computation does besides asking."""
        self._steps += steps
        if self._steps > self._limit and self._stack and not self._is_wide():
            raise _Cut

    def _is_wide(self) -> bool:
        """Whether what is asked has many parts that are near, such as the entries of a large table."""
        return (
            self._allowed is None
            and len(self._stack) < _NEAR
            and self._steps < self._limit + _WIDER * self._most_steps
        )

    def _solve_from_outside(self, question: _Question) -> None:
        self._limit = self._steps + (self._most_steps if self._allowed is None else self._allowed)
        pending = [question]
        while pending:
            try:
                self._solve(pending[-1])
                pending.pop()
            except _TooDeep as deep:  # with that one answered first, the way there is so much shorter
                if deep.question in pending:
                    break
                pending.append(deep.question)
            except _Cut:
                if self._allowed is not None:
                    raise Costly from None
                break
        if pending:
            question.stable = question.cut = True
            question.answer = self._on_cut(question.key, True)

    def _solve(self, question: _Question) -> None:
        if len(self._stack) >= (_DEEPEST if has_room() else _DEEPEST_WITHOUT_ROOM):
            raise _TooDeep(question)
        question.begun = self._steps
        self._stack.append(question)
        try:
            while not question.stable:
                question.stable = True
                if not (question.computed and self._stands(question)):
                    self._answer(question)
        except RecursionError:
            self._abandon(question, False)
            raise _TooDeep(question) from None
        except BaseException as error:
            self._abandon(question, isinstance(error, _Cut))
            raise
        finally:
            self._stack.pop()

    def _stands(self, question: _Question) -> bool:
        """Whether all that the answer was made from is as it was then."""
        for source, seen in question.sources.items():
            if not source.stable:
                self._solve(source)
            source.readers.add(question)
            if source.answer is not seen and source.answer != seen:
                return False
        return True

    def _answer(self, question: _Question) -> None:
        self.spend(1)
        question.computed = False
        question.sources = {}
        answer = self._compute(question.key)
        question.computed = question.stable  # else something that it had read changed meanwhile
        question.rounds += 1
        if question.rounds > _SETTLING_ROUNDS:
            answer |= question.answer
        if answer != question.answer:
            question.answer = answer
            self._destabilise(question)

    def _abandon(self, question: _Question, cut: bool) -> None:
        """Leave an unfinished question as if it had not been asked, or cut for good if it was too dear itself."""
        question.stable = False
        self._destabilise(question)
        if cut and len(self._stack) > 1 and self._steps - question.begun > self._most_steps // 2:
            question.stable = question.cut = True
            question.answer = self._on_cut(question.key, False)

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
