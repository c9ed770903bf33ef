"""The hops of a way as a reader sees them: a name, a layer, a place, and the evidence."""

from __future__ import annotations

import ast

from phase12_lint.calls.call_sites import TASK_MAKERS, calls_of
from phase12_lint.calls.layers import layers_of
from phase12_lint.calls.mentions import mentions
from phase12_lint.calls.path_verdicts import Step
from phase12_lint.calls.reached import Edge
from phase12_lint.calls.resolution import how_known
from phase12_lint.calls.routes import is_error_handler, is_route
from phase12_lint.model import Confidence
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Reflection, Run, RunAccess
from phase12_lint.values.program import Program


class Steps:
    """Makes the hops of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._layers = layers_of(program)

    def of_entry(self, scope: Scope, first_line: int) -> Step:
        """The entry ``scope``; ``first_line`` is where a module goes on."""
        name = scope.qualified_name if scope.kind != "module" else scope.module.whole_name("").rstrip(".")
        line = scope.module.lines.span(scope.node).line if scope.kind != "module" else first_line
        return Step(name, self._layer(scope), scope.module.path, line, self._kind(scope))

    def _kind(self, scope: Scope) -> str:
        if scope.kind == "module":
            return "script"
        if is_route(self._program, scope):
            return "route"
        if is_error_handler(self._program, scope):
            return "exception handler"
        if any(last_name(_called(d)) in TASK_MAKERS for d in getattr(scope.node, "decorator_list", ())):
            return "task"
        return "thread" if self._is_handed_over(scope) else "function"

    def _is_handed_over(self, scope: Scope) -> bool:
        """Whether something outside the program is given the function to call."""
        found = (
            call for mention in mentions(self._program, scope) for call in calls_of(self._program, mention)
        )
        return any(call.handed for call in found)

    def _layer(self, scope: Scope) -> str:
        number = self._layers.of(scope)
        return self._layers.names[number] if number is not None else ""

    def of_call(self, edge: Edge) -> Step:
        """The function that a call leads to."""
        call, callee = edge.call, edge.call.callees[0]
        scope = edge.target.scope if edge.target is not None else None
        name = scope.qualified_name if scope is not None else _written(call.node)
        layer = self._layers.names[callee.layer] if callee.layer is not None else ""
        if scope is not None and not layer:
            layer = self._layer(scope)
        evidence = "handed over" if edge.is_handed_over else callee.how
        if callee.confidence is Confidence.NAMED:
            evidence = "name"
        line = call.scope.module.lines.span(call.node).line
        return Step(name, layer, call.scope.module.path, line, evidence)

    def of_run(self, fact: Run) -> Step:
        """The plugin run."""
        node = fact.node
        assert isinstance(node, ast.expr)
        owner = node.value if isinstance(node, ast.Attribute) else node
        how = how_known(self._program, owner, fact.scope).how
        if fact.evidence.confidence is Confidence.NAMED:
            how = "name"
        elif isinstance(fact, RunAccess) and fact.use == "taken":
            how = "handed over"
        elif isinstance(fact, Reflection):
            how = "reflection"
        line = fact.scope.module.lines.span(node).end_line
        return Step(describe(node), self._layer(fact.scope), fact.scope.module.path, line, how)


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _written(node: ast.expr) -> str:
    return describe(node.func if isinstance(node, ast.Call) else node)
