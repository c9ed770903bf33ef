"""The graph of one entry, from its first step to the three ways out of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

from phase12_lint.calls.decorated import wrapper_of
from phase12_lint.execution.builder import Builder, Way, past_handlers
from phase12_lint.execution.expressions import COMPREHENSIONS
from phase12_lint.execution.reach import Reach
from phase12_lint.execution.roles import RUN, Roles
from phase12_lint.execution.steps import ERROR, Activation, Step, walk
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Instance
from phase12_lint.values.frames import Frame, Shape
from phase12_lint.values.program import Program


class Ways(Way):
    """The ways through the entry ``scope``. ``owner`` is the class that inherits it."""

    def __init__(self, program: Program, entry: Scope, owner: Scope | None, roles: Roles) -> None:
        self.program = program
        self.entry = entry
        wrapper = wrapper_of(program, entry)
        inherited = Instance(program.class_of(owner)) if owner is not None else None
        known = program.receiver_frame(inherited, entry) if inherited is not None else None
        act = Activation(entry, known, None)
        reach = program.once(Reach)
        if wrapper is not None:
            frame = Frame(wrapper.scope, entry.node, wrapper.receiver, wrapper.closure, Shape((), ()), None)
            act = Activation(wrapper.scope, program.frame(frame), None)
        reach.roles_of(act.scope)
        super().__init__(Builder(roles, reach), act)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step that can be reached, in a fixed order."""
        return tuple(walk([self.start]))

    @cached_property
    def loops(self) -> tuple[Step, ...]:
        """Where each ``for``, of a statement or in an expression, asks for its next element."""
        heads = (step for step in self.steps if step.kind == "junction")
        return tuple(
            step for step in heads if isinstance(step.node, (ast.For, ast.AsyncFor, *COMPREHENSIONS))
        )

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

    def handlers_of(self, step: Step, sorts: Sequence[str] = (ERROR,)) -> list[Step]:
        """The handlers that may catch what ``step`` raises of ``sorts``."""
        raised = [following for sort in sorts for following in step.successors(sort)]
        return [each for each in walk(raised, past_handlers) if each.kind == "handler"]


def value_of(step: Step) -> ast.expr | None:
    """The expression that a ``return`` or ``yield`` step gives; None where there is none."""
    node = step.node
    if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
        return node.value
    return node.body if isinstance(node, ast.Lambda) else None
