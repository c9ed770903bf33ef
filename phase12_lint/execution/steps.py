"""Steps: the events of one execution of an entry, and which may come after which.

A step has successors by three ways: ``next``, ``error`` (it raised an ``Exception``) and ``base`` (it raised what
is a ``BaseException`` only). The steps are made backwards, each from the one that follows it, and the ways out of
a ``try`` only when they are walked, so that a ``finally`` stands in the graph once for each way that goes through it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field

from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.handlers import Raised
from phase12_lint.values.frames import Frame
from phase12_lint.values.places import Fact

NEXT, ERROR, BASE = "next", "error", "base"
ALL_WAYS = (NEXT, ERROR, BASE)


@dataclass(eq=False, slots=True)
class Activation:
    """One call of a function within the execution: under which frame, and from which activation (None: the entry).

    ``start`` is its first step, once that is made. ``again`` are the calls in it that go back to a function that is
    being executed, ``passed`` those of functions that are not entered. ``left`` is, for an ``__exit__``, the way by
    which the body of its ``with`` was left.
    """

    scope: Scope
    frame: Frame | None
    caller: Activation | None
    call: ast.AST | None = None
    left: str | None = None
    start: Step | None = None
    again: set[ast.AST] = field(default_factory=set)
    passed: dict[ast.AST, list[tuple[Frame | None, Scope]]] = field(default_factory=dict)

    def stack(self) -> Iterator[Activation]:
        """This activation and those that called it, innermost first."""
        current: Activation | None = self
        while current is not None:
            yield current
            current = current.caller


class Later:
    """A step that is made when it is first asked for; ``of`` makes that for exceptions of known classes."""

    __slots__ = ("_made_of", "_make", "_of", "_step")

    def __init__(self, make: Callable[[], Step], of: Callable[[Raised], Step | None] | None = None) -> None:
        self._make: Callable[[], Step] | None = make
        self._step: Step | None = None
        self._of = of
        self._made_of: dict[Raised, Step] = {}

    def __call__(self) -> Step:
        if self._step is None:
            assert self._make is not None
            self._step, self._make = self._make(), None
        return self._step

    def of(self, raised: Raised | None) -> Step:
        """The step to which an exception comes that is of one of the classes ``raised``; None: of any."""
        if self._of is None or raised is None:
            return self()
        if raised not in self._made_of:
            self._made_of[raised] = self._of(raised) or self()
        return self._made_of[raised]


@dataclass(frozen=True, slots=True)
class Targets:
    """Where control goes from a place, other than to what follows it.

    ``raised`` is where a ``return`` of what is not true goes on with the exception, in an ``__exit__`` that has one.
    ``handlers`` are the handler steps that the place stands in, innermost last; ``final`` in how many
    ``finally`` (or exits of context managers).
    """

    error: Later
    base: Later
    leave: Later
    raised: Later | None = None
    break_: Later | None = None
    continue_: Later | None = None
    handlers: tuple[Step, ...] = ()
    final: int = 0

    def make(self) -> None:
        """Make the steps of all the ways at once: what they share is then whole when it is first walked."""
        for way in (self.error, self.base, self.leave, self.raised, self.break_, self.continue_):
            if way is not None:
                way()


@dataclass(eq=False, slots=True)
class Step:
    """One event. ``kind`` is ``call``, ``await`` (of what is no call), ``subscript``, ``assign``, ``return``,
    ``returned`` (a followed call has come back), ``raise``, ``assert``, ``handler``, ``yield``, ``end`` (of the entry:
    ``node`` is None), ``test`` (true comes first) or ``junction``.

    ``raises`` are the ways by which it can raise; ``role`` says what a call is to the policy (see ``roles.py``),
    ``access`` which fact makes it a plugin run, and ``raising`` which ``raise`` steps it may raise from, of functions
    that are not entered. ``raised`` are the classes of the ``Exception`` that it raises, if they are known.
    """

    kind: str
    node: ast.AST | None
    act: Activation
    targets: Targets | None = None
    raises: tuple[str, ...] = ()
    following: list[Step] = field(default_factory=list)
    role: str = ""
    access: Fact | None = None
    raising: tuple[Step, ...] = ()
    raised: Raised | None = None

    def successors(self, way: str) -> list[Step]:
        """The steps that may come right after, by ``way``."""
        if way == NEXT:
            return self.following
        if way not in self.raises or self.targets is None:
            return []
        return [self.targets.error.of(self.raised) if way == ERROR else self.targets.base()]

    @property
    def handlers(self) -> tuple[Step, ...]:
        """The handler steps that it stands in."""
        return self.targets.handlers if self.targets is not None else ()

    def is_in(self, statement: ast.AST | None, scope: Scope) -> bool:
        """Whether it is in the body of ``statement`` of the function ``scope``, itself or in what is called there."""
        body = getattr(statement, "body", ())
        inner = self.node
        for act in self.act.stack():
            if act.scope is scope:
                while inner is not None and inner not in body:
                    inner = scope.module.parents.get(inner)
                return inner is not None
            inner = act.call
        return False

    @property
    def final(self) -> bool:
        """Whether it stands in a ``finally``."""
        return self.targets is not None and self.targets.final > 0


def walk(
    starts: Iterable[Step],
    passes: Callable[[Step], Container[str]] = lambda step: ALL_WAYS,
) -> dict[Step, None]:
    """Every step that can be reached from ``starts`` (included), by the ways that ``passes`` lets through at each."""
    found: dict[Step, None] = dict.fromkeys(starts)
    pending = list(found)
    while pending:
        step = pending.pop()
        for following in nexts(step, passes):
            if following not in found:
                found[following] = None
                pending.append(following)
    return found


def nexts(step: Step, passes: Callable[[Step], Container[str]]) -> list[Step]:
    """The steps that may come right after ``step``, by the ways that ``passes`` lets through."""
    allowed = passes(step)
    return [each for way in ALL_WAYS if way in allowed for each in step.successors(way)]


def in_order(starts: Iterable[Step], passes: Callable[[Step], Container[str]]) -> list[Step]:
    """Every step that can be reached from ``starts``, each before those that follow it, as far as loops allow."""
    done: dict[Step, None] = {}
    seen: set[Step] = set()
    for start in starts:
        pending = [] if start in seen else [(start, iter(nexts(start, passes)))]
        seen.add(start)
        while pending:
            step, following = pending[-1]
            each = next((each for each in following if each not in seen), None)
            if each is None:
                done[step] = None
                pending.pop()
            else:
                seen.add(each)
                pending.append((each, iter(nexts(each, passes))))
    return list(done)[::-1]
