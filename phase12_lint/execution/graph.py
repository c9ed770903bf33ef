"""The graph of one entry, from its first step to the three ways out of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

from phase12_lint.execution.builder import Builder
from phase12_lint.execution.decorated import wrapper_of
from phase12_lint.execution.relevance import Relevance
from phase12_lint.execution.roles import RUN, Roles
from phase12_lint.execution.steps import BASE, ERROR, Activation, Later, Step, Targets, walk
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Instance
from phase12_lint.values.frames import Frame, Shape
from phase12_lint.values.program import Program


class Ways:
    """The ways through ``entry``. ``left``, ``failed`` and ``stopped`` are its ends: it returned, it let an
    ``Exception`` out, it let out what is only a ``BaseException``. ``owner`` is the class that inherits the entry.
    """

    def __init__(
        self,
        program: Program,
        entry: Scope,
        owner: Scope | None,
        entries: frozenset[Scope],
        roles: Roles,
    ) -> None:
        self.program = program
        self.entry = entry
        self._entries = entries
        wrapper = wrapper_of(program, entry)
        inherited = Instance(program.class_of(owner)) if owner is not None else None
        known = program.receiver_frame(inherited, entry) if inherited is not None else None
        self.act = Activation(entry, known, None)
        if wrapper is not None:
            frame = Frame(wrapper.scope, entry.node, None, wrapper.closure, Shape((), ()), None)
            self.act = Activation(wrapper.scope, program.frame(frame), None)
        self.left, self.failed, self.stopped = (Step("end", None, self.act) for _ in range(3))
        targets = Targets(Later(lambda: self.failed), Later(lambda: self.stopped), Later(lambda: self.left))
        self._decorators = {scope for scope in self.act.scope.chain() if scope.is_function}
        builder = Builder(roles, self._follows)
        self.start = builder.function(self.act, targets, self.left)

    def _follows(self, scope: Scope) -> bool:
        if scope is self.entry:
            return True
        if scope in self._entries:
            return False
        if self.program.choke.holds(scope) or any(outer in self._decorators for outer in scope.chain()):
            return True
        owner = scope.class_scope
        if owner is not None and self.program.governed.is_plugin_class(self.program.class_of(owner)):
            return False
        return self.program.once(Relevance)(scope)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step that can be reached, in a fixed order."""
        return tuple(walk([self.start]))

    @cached_property
    def executed(self) -> frozenset[Scope]:
        """The functions that the ways lead through."""
        return frozenset(step.act.scope for step in self.steps)

    @cached_property
    def runs(self) -> tuple[Step, ...]:
        """The plugin runs: their steps, without those that only another way of a ``finally`` repeats."""
        return self.with_role(RUN)

    def with_role(self, role: str) -> tuple[Step, ...]:
        """The steps of calls that have ``role``."""
        return tuple(step for step in self.steps if step.role == role)

    def is_exposed(self, step: Step) -> bool:
        """Whether an ``Exception`` that ``step`` raises can leave the entry under no handler."""
        return self.failed in walk(step.successors(ERROR), _past_handlers)

    def handlers_of(self, step: Step, sorts: Sequence[str] = (ERROR,)) -> list[Step]:
        """The handlers that may catch what ``step`` raises of ``sorts``."""
        raised = [following for sort in sorts for following in step.successors(sort)]
        return [each for each in walk(raised, _past_handlers) if each.kind == "handler"]

    def may_stop(self, step: Step) -> bool:
        """Whether what is only a ``BaseException`` can leave the entry from ``step``."""
        return self.stopped in walk(step.successors(BASE), _past_handlers)


def _past_handlers(step: Step) -> tuple[str, ...]:
    return () if step.kind == "handler" else ("next",)


def value_of(step: Step) -> ast.expr | None:
    """The expression that a ``return`` or ``yield`` step gives; None where there is none."""
    node = step.node
    if isinstance(node, (ast.Return, ast.Yield)):
        return node.value
    return node.body if isinstance(node, ast.Lambda) else None
