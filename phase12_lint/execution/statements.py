"""The steps of statements: branches, loops, ``try`` with the ways out of it, ``match``, ``return`` and ``raise``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from phase12_lint.execution.expressions import ExpressionSteps
from phase12_lint.execution.rounds import called_in_turn, surely_begins, tests_of_last
from phase12_lint.execution.steps import BASE, ERROR, Activation, Later, Step, Targets
from phase12_lint.syntax.patterns import is_told_by_tests, tests_of
from phase12_lint.taint.handlers import (
    EVERYTHING,
    Catch,
    Caught,
    Raised,
    catches,
    caught_by,
    classes_of,
    still_caught,
    ways_of_raise,
)
from phase12_lint.values.atoms import Atom, Value
from phase12_lint.values.narrowing import classes_compared

MOST_STEPS = 6_000


class Handler(NamedTuple):
    """A handler by its first step, how much it ``caught`` of all exceptions, and the ``kinds`` that it names."""

    start: Step
    caught: Caught
    kinds: Sequence[ast.expr | None]


class StatementSteps(ExpressionSteps):
    """The part of the builder that makes the steps of statements; each method gives the first of them."""

    def block(self, body: Sequence[ast.stmt], act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of ``body`` before ``after``."""
        for statement in reversed(body):
            after = self.statement(statement, act, targets, after)
        return after

    def statement(self, node: ast.stmt, act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of ``node`` before ``after``."""
        handler = getattr(self, "_" + type(node).__name__.lower(), None)
        if handler is not None:
            first: Step = handler(node, act, targets, after)
            return first
        return self.expressions(
            [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)],
            act,
            targets,
            after,
        )

    def _assign(self, node: ast.Assign, act: Activation, targets: Targets, after: Step) -> Step:
        stored = self.step("assign", node, act, targets, (after,))
        places = self.expressions([self._place(each) for each in node.targets], act, targets, stored)
        return self.expression(node.value, act, targets, places)

    def _annassign(self, node: ast.AnnAssign, act: Activation, targets: Targets, after: Step) -> Step:
        if node.value is None:
            return after
        stored = self.step("assign", node, act, targets, (after,))
        return self.expression(node.value, act, targets, stored)

    def _augassign(self, node: ast.AugAssign, act: Activation, targets: Targets, after: Step) -> Step:
        return self.expression(node.value, act, targets, self.step("assign", node, act, targets, (after,)))

    @staticmethod
    def _place(target: ast.expr) -> ast.expr | None:
        """What is evaluated to find where ``target`` stores."""
        return target.value if isinstance(target, (ast.Attribute, ast.Subscript)) else None

    def _return(self, node: ast.Return, act: Activation, targets: Targets, after: Step) -> Step:
        if targets.raised is not None:
            ways = (targets.leave(), targets.raised())
            true, false = (self.step("return", node, act, targets, (way,)) for way in ways)
            return self.condition(node.value or ast.Constant(None), act, targets, true, false)
        left = self.step("return", node, act, targets, (targets.leave(),))
        return self.expression(node.value, act, targets, left) if node.value is not None else left

    def _raise(self, node: ast.Raise, act: Activation, targets: Targets, after: Step) -> Step:
        sort = self._sort_of_raise(node, act, targets)
        ways = tuple(way for way, caught in zip((ERROR, BASE), sort) if caught is not Catch.NOTHING)
        raised = self.step("raise", node, act, targets, (), ways or (ERROR,))
        raised.raised = self._classes_of_raise(node, act, targets)
        return self.expressions((node.exc, node.cause), act, targets, raised)

    def _sort_of_raise(self, node: ast.Raise, act: Activation, targets: Targets) -> Caught:
        again = _raised_again(node, targets)
        if again is not None:
            return still_caught(self.program, again[0], node, again[1].scope, again[1].frame)
        if node.exc is None:
            return EVERYTHING
        return ways_of_raise(self.program, node.exc, act.scope, act.frame)

    def _classes_of_raise(self, node: ast.Raise, act: Activation, targets: Targets) -> Raised | None:
        again = _raised_again(node, targets)
        if again is not None and again[0].type is not None:
            return classes_of(self.program, self._compared(again[0].type, again[1]))
        if again is not None or node.exc is None:
            return None
        return classes_of(self.program, self.program.evaluate(node.exc, act.scope, act.frame))

    def _assert(self, node: ast.Assert, act: Activation, targets: Targets, after: Step) -> Step:
        failed = self.step("assert", node, act, targets, (), (ERROR,))
        failing = self.expression(node.msg, act, targets, failed) if node.msg is not None else failed
        return self.condition(node.test, act, targets, after, failing)

    def _break(self, node: ast.Break, act: Activation, targets: Targets, after: Step) -> Step:
        return targets.break_() if targets.break_ is not None else after

    def _continue(self, node: ast.Continue, act: Activation, targets: Targets, after: Step) -> Step:
        return targets.continue_() if targets.continue_ is not None else after

    def _functiondef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, act: Activation, targets: Targets, after: Step
    ) -> Step:
        defaults = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]
        return self.expressions(defaults, act, targets, after)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, act: Activation, targets: Targets, after: Step) -> Step:
        return after

    def _if(self, node: ast.If, act: Activation, targets: Targets, after: Step) -> Step:
        body = self.block(node.body, act, targets, after)
        orelse = self.block(node.orelse, act, targets, after)
        return self.condition(node.test, act, targets, body, orelse)

    def _while(self, node: ast.While, act: Activation, targets: Targets, after: Step) -> Step:
        head = self.step("junction", node, act, targets, ())
        inner = replace(targets, break_=Later(lambda: after), continue_=Later(lambda: head))
        body = self.block(node.body, act, inner, head)
        orelse = self.block(node.orelse, act, targets, after)
        head.following.append(self.condition(node.test, act, targets, body, orelse))
        return head

    def _for(self, node: ast.For | ast.AsyncFor, act: Activation, targets: Targets, after: Step) -> Step:
        following = orelse = self.block(node.orelse, act, targets, after)
        for called in reversed(called_in_turn(self.program, node, act.scope, act.frame)):
            following = self._round(node, act, targets, after, following, {}, called)
        if following is not orelse:
            return self.expression(node.iter, act, targets, following)
        head = self.step("junction", node, act, targets, ())
        last = tests_of_last(node, act.scope)
        stored = self._round(node, act, targets, after, head, {each: not way for each, way in last.items()})
        if last:
            ended = self._round(node, act, targets, after, orelse, last)
            first = self.step("junction", None, act, targets, (stored, ended))
            head.following += [first]
        else:
            first = stored
            head.following += [stored, orelse]
        begins = surely_begins(self.program, node.iter, act.scope, act.frame)
        if last and not begins:
            first = self.step("junction", None, act, targets, (first, orelse))
        return self.expression(node.iter, act, targets, first if begins or last else head)

    def _round(
        self,
        node: ast.For | ast.AsyncFor,
        act: Activation,
        targets: Targets,
        after: Step,
        following: Step,
        decided: Mapping[ast.expr, bool],
        called: Value | None = None,
    ) -> Step:
        """The steps of a round of a loop, which comes to ``following``; ``decided`` are tests that it decides, and
        ``called`` is what its variable is, which it calls.
        """
        inner = replace(targets, break_=Later(lambda: after), continue_=Later(lambda: following))
        before, rounds = self._decided, self._rounds
        self._decided = {**before, **decided}
        if called is not None and isinstance(node.target, ast.Name):
            self._rounds = {**rounds, (act, node.target.id): called}
        body = self.block(node.body, act, inner, following)
        self._decided, self._rounds = before, rounds
        return self.step("assign", node, act, targets, (body,))

    _asyncfor = _for

    def _match(self, node: ast.Match, act: Activation, targets: Targets, after: Step) -> Step:
        rest = after
        for case in reversed(node.cases):
            body = self.block(case.body, act, targets, after)
            if case.guard is not None:
                body = self.condition(case.guard, act, targets, body, rest)
            if not is_told_by_tests(node.subject, case.pattern):
                body = self.step("junction", case.pattern, act, targets, (body, rest))
            for test in reversed(list(tests_of(node.subject, case.pattern))):
                body = self.step("test", test, act, targets, (body, rest))
            rest = body
        return self.expression(node.subject, act, targets, rest)

    def _try(self, node: ast.Try, act: Activation, targets: Targets, after: Step) -> Step:
        if node.finalbody:
            inside = replace(targets, final=targets.final + 1)
            shared = self.size > MOST_STEPS
            last = self._finally(node.finalbody, act, inside, shared)
            after, targets = last(after), through(targets, last, told_apart=not shared)
            if shared:
                self.cut(node, act, "the paths through its `finally` were not distinguished")
                targets.make()
        handlers = [self.handler(each, each.type, each.body, act, targets, after) for each in node.handlers]
        orelse = self.block(node.orelse, act, targets, after)
        return self.block(node.body, act, self.guarded(targets, handlers, act), orelse)

    _trystar = _try

    def cut(self, node: ast.AST, act: Activation, what: str) -> None:
        """Say what was left out at ``node``, because the ways are too many to be written out."""
        where = f"{act.scope.module.path}:{getattr(node, 'lineno', 0)}"
        self.program.note(
            f"`{act.scope.qualified_name}` ({where}): there are too many paths through the choke point; {what}"
        )

    def _finally(
        self, body: Sequence[ast.stmt], act: Activation, targets: Targets, shared: bool
    ) -> Callable[[Step], Step]:
        """What makes the steps of a ``finally``: anew for each way through it, or once for all if ``shared``."""
        if not shared:
            return lambda step: self.block(body, act, targets, step)
        end = self.step("junction", None, act, targets, ())
        first = self.block(body, act, targets, end)

        def last(step: Step) -> Step:
            end.following.append(step)
            return first

        return last

    def handler(
        self,
        node: ast.AST,
        kind: ast.expr | None,
        body: Sequence[ast.stmt],
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Handler:
        """The handler ``node``, which catches ``kind``."""
        start = self.step("handler", node, act, targets, ())
        inner = replace(targets, handlers=(*targets.handlers, start))
        start.following.append(self.block(body, act, inner, after))
        return Handler(start, caught_by(self.program, kind, act.scope, act.frame), (kind,))

    def guarded(self, targets: Targets, handlers: Sequence[Handler], act: Activation) -> Targets:
        """``targets`` under ``handlers``, the first of which that catches comes next."""

        def first(caught: Sequence[Catch], outside: Callable[[], Step]) -> list[Step]:
            starts = []
            for handler, how in zip(handlers, caught):
                if how is not Catch.NOTHING:
                    starts.append(handler.start)
                if how is Catch.ALL:
                    return starts
            return [*starts, outside()]

        def to(caught: Sequence[Catch], outside: Callable[[], Step]) -> Step:
            return self.step("junction", None, act, targets, first(caught, outside))

        def of(raised: Raised) -> Step | None:
            caught = [self._catches(handler, raised, act) for handler in handlers]
            outside = partial(targets.error.of, raised)
            if caught == errors and (Catch.ALL in caught or outside() is targets.error()):
                return None
            return to(caught, outside)

        if not handlers:
            return targets
        errors, others = ([handler.caught[sort] for handler in handlers] for sort in (0, 1))
        return replace(
            targets,
            error=Later(lambda: to(errors, targets.error), of),
            base=Later(lambda: to(others, targets.base)),
        )

    def _catches(self, handler: Handler, raised: Raised, act: Activation) -> Catch:
        kinds = [] if None in handler.kinds else handler.kinds
        classes = [each for kind in kinds if kind is not None for each in self._compared(kind, act)]
        return catches(self.program, classes, raised) if kinds else Catch.ALL

    def _compared(self, kind: ast.expr, act: Activation) -> list[Atom]:
        return classes_compared(self.program, kind, act.scope, act.frame)


def _raised_again(node: ast.Raise, targets: Targets) -> tuple[ast.ExceptHandler, Activation] | None:
    """The handler, and where it is executed, whose exception ``node`` raises again."""
    for step in reversed(targets.handlers):
        caught = step.node
        if isinstance(caught, ast.ExceptHandler) and (
            node.exc is None or (isinstance(node.exc, ast.Name) and node.exc.id == caught.name)
        ):
            return caught, step.act
    return None


def preceded(target: Later, last: Callable[[Step], Step], told_apart: bool = True) -> Later:
    """What ``last`` makes before ``target``; if ``told_apart``, for each class of exceptions that goes its own way."""

    def of(raised: Raised) -> Step | None:
        step = target.of(raised)
        return last(step) if step is not target() else None

    return Later(lambda: last(target()), of if told_apart else None)


def through(targets: Targets, last: Callable[[Step], Step], told_apart: bool = True) -> Targets:
    """``targets`` with the steps that ``last`` makes before each of them."""

    def wrap(target: Later | None) -> Later | None:
        return preceded(target, last, told_apart) if target is not None else None

    error, base, leave = wrap(targets.error), wrap(targets.base), wrap(targets.leave)
    assert error is not None
    assert base is not None
    assert leave is not None
    return replace(
        targets,
        error=error,
        base=base,
        leave=leave,
        raised=wrap(targets.raised),
        break_=wrap(targets.break_),
        continue_=wrap(targets.continue_),
    )
