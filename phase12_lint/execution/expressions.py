"""The steps of expressions, in the order in which Python evaluates them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from phase12_lint.execution.gathered import gives_exceptions_back
from phase12_lint.execution.members import is_there
from phase12_lint.execution.rounds import surely_begins
from phase12_lint.execution.steps import BASE, ERROR, Activation, Later, Step, Targets
from phase12_lint.values.atoms import Value
from phase12_lint.values.program import Program

_RAISING = (ERROR, BASE)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class ExpressionSteps:
    """The part of the builder that makes the steps of expressions; each method gives the first of them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.size = 0
        self._decided: Mapping[ast.expr, bool] = {}
        self._rounds: Mapping[tuple[Activation, str], Value] = {}

    def step(
        self,
        kind: str,
        node: ast.AST | None,
        act: Activation,
        targets: Targets | None,
        following: Iterable[Step],
        raises: tuple[str, ...] = (),
    ) -> Step:
        """A new step before ``following``."""
        self.size += 1
        return Step(kind, node, act, targets, raises, list(dict.fromkeys(following)))

    def expressions(
        self, nodes: Sequence[ast.expr | None], act: Activation, targets: Targets, after: Step
    ) -> Step:
        """The steps of ``nodes``, one after the other."""
        for node in reversed(nodes):
            if node is not None:
                after = self.expression(node, act, targets, after)
        return after

    def expression(self, node: ast.expr, act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of ``node`` before ``after``."""
        if isinstance(node, (ast.Constant, ast.Name, ast.Lambda)):
            return after
        if isinstance(node, ast.Call):
            return self.call(node, act, targets, after)
        if isinstance(node, ast.BoolOp):
            following = self.expression(node.values[-1], act, targets, after)
            for value in reversed(node.values[:-1]):
                either = self.step("junction", None, act, targets, (following, after))
                following = self.expression(value, act, targets, either)
            return following
        if isinstance(node, ast.IfExp):
            body = self.expression(node.body, act, targets, after)
            orelse = self.expression(node.orelse, act, targets, after)
            return self.condition(node.test, act, targets, body, orelse)
        if isinstance(node, ast.NamedExpr):
            stored = self.step("assign", node, act, targets, (after,))
            return self.expression(node.value, act, targets, stored)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            raises = () if is_there(self.program, node, act.scope, act.frame) else _RAISING
            taken = self.step("subscript", node, act, targets, (after,), raises)
            return self.expressions((node.value, node.slice), act, targets, taken)
        if isinstance(node, ast.Await) and not isinstance(node.value, ast.Call):
            waited = self.step("await", node, act, targets, (after,), _RAISING)
            return self.expression(node.value, act, targets, waited)
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            given = self.yielded(node, act, targets, after)
            return self.expression(node.value, act, targets, given) if node.value is not None else given
        if isinstance(node, COMPREHENSIONS):
            return self._comprehension(node, act, targets, after)
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return self.expressions(children, act, targets, after)

    def condition(self, test: ast.expr, act: Activation, targets: Targets, true: Step, false: Step) -> Step:
        """The steps of ``test``, then ``true`` or ``false``; a constant decides, a round of a loop or a call may."""
        if isinstance(test, ast.Constant):
            return true if test.value else false
        known = self._decided.get(test, self.told(test, act))
        if known is not None:
            return true if known else false
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.condition(test.operand, act, targets, false, true)
        if isinstance(test, ast.BoolOp):
            whole = isinstance(test.op, ast.And)
            following = self.condition(test.values[-1], act, targets, true, false)
            for value in reversed(test.values[:-1]):
                ways = (following, false) if whole else (true, following)
                following = self.condition(value, act, targets, *ways)
            return following
        return self.expression(test, act, targets, self.step("test", test, act, targets, (true, false)))

    def told(self, test: ast.expr, act: Activation) -> bool | None:
        """How ``test`` comes out, if the call that is being executed tells."""
        return None

    def yielded(self, node: ast.expr, act: Activation, targets: Targets, after: Step) -> Step:
        """The step of a ``yield``."""
        return self.step("yield", node, act, targets, (after,))

    def call(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of a call: its function, its arguments, then the call itself."""
        kept = gives_exceptions_back(node, act.scope)
        called = self.called(
            node, act, replace(targets, error=Later(lambda: after)) if kept else targets, after
        )
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        first = self.expressions(arguments, act, targets, called)
        return self.expression(node.func, act, targets, first)

    def called(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        """The call itself, its arguments evaluated."""
        return self.step("call", node, act, targets, (after,), _RAISING)

    def _comprehension(self, node: ast.expr, act: Activation, targets: Targets, after: Step) -> Step:
        assert isinstance(node, COMPREHENSIONS)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        head = self.step("junction", node, act, targets, (after,))
        body = self.expressions(parts, act, targets, head)
        for generator in reversed(node.generators):
            for test in reversed(generator.ifs):
                body = self.condition(test, act, targets, body, head)
        inner = [each.iter for each in node.generators[1:]]
        body = self.expressions(inner, act, targets, body)
        head.following.append(body)
        first = node.generators[0].iter
        begins = surely_begins(self.program, first, act.scope, act.frame)
        return self.expression(first, act, targets, body if begins else head)
