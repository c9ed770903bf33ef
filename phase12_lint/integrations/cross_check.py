"""Whether recorded call stacks are ways that ``paths`` lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from phase12_lint.calls.passages import RUN, Passages
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.calls.plugin_methods import plugin_methods
from phase12_lint.integrations.frames import Code, Frames
from phase12_lint.integrations.stacks import FOREIGN, PROCESS, TASK, THREAD, Place, Run, Stack, names_one_of
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program


class Fault(NamedTuple):
    """An edge that ``paths`` does not list: the call of ``callee`` in ``caller`` at ``path:line``.

    ``caller`` is empty where the stack begins at ``callee``, and no way begins there. ``chain`` is what was recorded.
    """

    caller: str
    callee: str
    path: str
    line: int
    chain: tuple[str, ...]


class Walk(NamedTuple):
    """The functions that a stack went through, from the outermost to the one that ran the plugin."""

    functions: tuple[Scope, ...]
    handed: bool
    """Whether it begins where something outside the program calls what it was handed."""


class CrossCheck:
    """Compares stacks with the ways of ``program``; ``facts`` as for ``ways``."""

    def __init__(self, program: Program, facts: Iterable[Fact]) -> None:
        self.passages = Passages(program, facts)
        self.frames = Frames(program)
        self._policy = program.policy
        self._methods = plugin_methods(program)

    def is_governed(self, run: Run) -> bool:
        """Whether ``run`` is one of a plugin of this program."""
        if run.name not in self._policy.plugin_methods:
            return False
        place = run.place
        if place is not None and self.frames.is_of_program(place.path):
            return not self._methods.isdisjoint(self.frames.code(place).scopes)
        return names_one_of(run.classes, self._policy.plugin_bases)

    def judge(self, run: Run) -> Walk | Fault:
        """What of the ways ``run`` has walked, or the first edge, from the run outwards, that they lack."""
        return _Stack(self, run).judge()

    def unwalked(self, walks: Iterable[Walk]) -> Iterator[tuple[Way, str]]:
        """The ways that none of ``walks`` is, each with the function from which on one of them is it.

        What hands a function over is often on no stack: the function is then where the stack begins.
        """
        known = [(_simple(walk.functions), walk.handed) for walk in walks]
        whole = {walked for walked, _ in known}
        later = sorted({walked for walked, handed in known if handed and walked}, key=len, reverse=True)
        for way, functions in self.passages.ways.items():
            if functions not in whole:
                ends = (walked for walked in later if functions[-len(walked) :] == walked)
                yield way, next((end[0].qualified_name for end in ends), "")


class _Stack:
    """One stack, followed from the run outwards."""

    def __init__(self, check: CrossCheck, run: Run) -> None:
        self._passages, self._frames = check.passages, check.frames
        self._run = run
        self._callee: Scope | None = RUN
        self._is_lazy = run.place is not None and run.place.is_lazy
        self._is_inner = False
        self._walked: list[Scope] = []
        self._driver: tuple[Place, Code] | None = None
        self._forget()

    def _forget(self) -> None:
        """Nothing is known yet of what stands above the callee."""
        self._between: set[str] = set()
        self._is_tested = False

    def judge(self) -> Walk | Fault:
        above = self._run.above
        for at, item in enumerate(above):
            if item == THREAD:
                return self._begin(self._is_tested or self._starts_in_test(above[at + 1 :]))
            if isinstance(item, str):
                self._pass(item)
            elif self._frames.is_of_test(item.path):
                self._is_tested = True
            elif not self._frames.is_of_program(item.path):
                self._pass(FOREIGN)
            else:
                found = self._meet(item, self._frames.code(item), above[at + 1 :])
                if found is not None:
                    return found
        return self._begin(self._is_tested if above[-1:] in ((TASK,), (PROCESS,)) else True)

    def _pass(self, between: str) -> None:
        if between == TASK and FOREIGN in self._between:
            between = "task of another"
        self._between.add(between)

    def _meet(self, place: Place, code: Code, beyond: Stack) -> Walk | Fault | None:
        """The next frame of the program, with what is further out; None to go on."""
        for scope in code.scopes:
            if self._is_inner and scope is self._callee:
                self._is_inner, self._driver = code.is_inner, None
                return None
            passed = self._passages.between(scope, self._callee, self._is_lazy)
            if passed is not None:
                self._walked += [*reversed(passed), scope]
                self._callee, self._is_lazy, self._is_inner = scope, place.is_lazy, code.is_inner
                self._driver = None
                self._forget()
                return None
        if any(self._passages.is_wrapper(scope, self._callee) for scope in code.scopes):
            return None
        if any(map(self._passages.is_carrier, code.scopes)) or self._is_carried(code, beyond):
            self._pass(FOREIGN)
            return None
        if self._is_tested:
            return self._walk(False)
        if self._between and self._may_begin():
            return self._walk(True)
        if self._may_drive(place, code):
            self._driver = self._driver or (place, code)
            return None
        return self._fault(place, code)

    def _is_carried(self, code: Code, beyond: Stack) -> bool:
        """Whether no way names the frame, and it only carries what one further out hands over to another process."""
        if any(map(self._passages.goes_through, code.scopes)) or not self._passages.may_begin(self._callee):
            return False
        if PROCESS not in self._between and PROCESS not in beyond:
            return False
        places = [item for item in beyond if not isinstance(item, str)]
        further = [self._frames.code(each) for each in places if self._frames.is_of_program(each.path)]
        callers = (scope for each in further for scope in each.scopes)
        return any(self._passages.between(scope, self._callee, False) == () for scope in callers)

    def _may_begin(self) -> bool:
        return self._passages.may_begin(self._callee) or (
            self._is_lazy and "task of another" in self._between
        )

    def _may_drive(self, place: Place, code: Code) -> bool:
        """Whether the frame may only drive a coroutine or a generator that a function further out has made."""
        return self._is_lazy and bool(code.scopes) and self._frames.only_drives(place, code.scopes[0])

    def _begin(self, is_legal: bool) -> Walk | Fault:
        """The stack is at its end."""
        if is_legal:
            return self._walk(not self._is_tested)
        if self._driver is None and (self._is_lazy or self._passages.may_begin(self._callee)):
            return self._walk(True)
        return self._fault(None, None)

    def _starts_in_test(self, origin: Stack) -> bool:
        """Whether the thread whose start is ``origin`` was started by a test."""
        for item in origin:
            if not isinstance(item, str):
                if self._frames.is_of_test(item.path):
                    return True
                if self._frames.is_of_program(item.path):
                    return False
        return False

    def _walk(self, handed: bool) -> Walk:
        return Walk(tuple(reversed(self._walked)), handed)

    def _fault(self, place: Place | None, code: Code | None) -> Fault:
        if self._driver is not None:  # the innermost frame that does not call it is the one to look at
            place, code = self._driver
        where = place or self._run.place
        path, line = (where.path, where.line) if where is not None else ("", 0)
        caller = _name(place, code) if place is not None and code is not None else ""
        callee = self._callee.qualified_name if self._callee is not None else self._name_of_run()
        return Fault(caller, callee, path, line, self._chain())

    def _name_of_run(self) -> str:
        return f"{self._run.classes[0].rpartition('.')[2]}.{self._run.name}"

    def _chain(self) -> tuple[str, ...]:
        """The frames of the program, outermost first, and the run."""
        places = [item for item in self._run.above if not isinstance(item, str)]
        names = [
            _name(place, self._frames.code(place))
            for place in reversed(places)
            if self._frames.is_of_program(place.path)
        ]
        return (*names, self._name_of_run())


def _name(place: Place, code: Code) -> str:
    """The function that a frame is of; the file if it is none's."""
    if not code.scopes:
        return place.name
    return code.scopes[0].qualified_name or place.path


def _simple(functions: tuple[Scope, ...]) -> tuple[Scope, ...]:
    """``functions`` without the rounds of a recursion."""
    found: list[Scope] = []
    for function in functions:
        if function in found:
            del found[found.index(function) :]
        found.append(function)
    return tuple(found)
