"""The flow pass over expressions: uses of names, targets, and what conditions leave of a name."""

from __future__ import annotations

import ast

from phase12_lint.syntax.conditions import condition_of
from phase12_lint.syntax.environments import Environment, join
from phase12_lint.syntax.nodes import children
from phase12_lint.syntax.rebinding import Rebinding
from phase12_lint.syntax.scopes import (
    Assigned,
    Definition,
    Path,
    Raw,
    Refined,
    Scope,
    Test,
)
from phase12_lint.syntax.stores import rest
from phase12_lint.syntax.views import forget, forget_attributes, forget_called, forget_element, view_of

_LOCALS_READERS = {"eval", "exec"}
COMPARING = ("equals", "member", "pattern", "text")


def is_compared(definition: Definition) -> bool:
    """Whether ``definition`` is what a comparison with texts leaves."""
    return isinstance(definition, Refined) and (
        definition.test.kind in COMPARING or any(map(is_compared, definition.previous))
    )


class ExpressionBinder:
    """The part of the pass that walks expressions and targets."""

    def __init__(self, scope: Scope, definitions_of: dict[ast.AST, tuple[Definition, ...]]) -> None:
        self.scope = scope
        self.uses = definitions_of
        self.inner = {child.node: child for child in scope.children}
        self.rebinding = Rebinding(scope)
        self.compared: dict[str, None] = {}

    def define(self, name: str, definition: Definition, env: Environment) -> None:
        self.scope.bindings.setdefault(name, []).append(definition)
        self.depends(definition, env)
        env.define(name, definition)

    def depends(self, place: object, env: Environment) -> None:
        """Keep what the names that have been compared with texts may be where ``place`` is come to."""
        known = tuple(env.get(name) for name in self.compared if any(map(is_compared, env.get(name))))
        if known:
            self.scope.choices[place] = known

    def target(
        self,
        node: ast.expr,
        value: ast.expr | None,
        path: Path,
        env: Environment,
        annotation: ast.expr | None = None,
    ) -> None:
        if isinstance(node, ast.Name):
            self.define(node.id, Assigned(node, self.scope, value, path, annotation), env)
        elif isinstance(node, (ast.Tuple, ast.List)):
            star = next((i for i, item in enumerate(node.elts) if isinstance(item, ast.Starred)), None)
            for index, item in enumerate(node.elts):
                if isinstance(item, ast.Starred):
                    self.target(item.value, value, (*path, *rest(index, len(node.elts))), env)
                elif star is not None and index > star:
                    self.target(item, value, (*path, ("index", index - len(node.elts))), env)
                else:
                    self.target(item, value, (*path, ("index", index)), env)
        elif isinstance(node, ast.Starred):
            self.target(node.value, value, path, env)
        else:
            self.visit(node.value, env) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
            if isinstance(node, ast.Subscript):
                self.visit(node.slice, env)
                forget_element(env.views, node)
            name = view_of(node)
            if name:
                forget(env.views, name)
                if value is not None:
                    env.put(name, (Assigned(node, self.scope, value, path, annotation),))

    def visit(self, node: ast.expr, env: Environment) -> None:
        handler = getattr(self, "visit_" + type(node).__name__, None)
        if handler is not None:
            handler(node, env)
            return
        for child in children(node):
            if isinstance(child, ast.expr):
                self.visit(child, env)
            elif isinstance(child, ast.keyword):
                self.visit(child.value, env)

    def visit_Constant(self, node: ast.Constant, env: Environment) -> None:
        return

    def visit_Name(self, node: ast.Name, env: Environment) -> None:
        definitions = env.get(node.id)
        if definitions:
            self.uses[node] = definitions
        self.rebinding.read(node.id)

    def visit_Attribute(self, node: ast.Attribute, env: Environment) -> None:
        self.visit(node.value, env)
        self._use(node, env)

    def visit_Subscript(self, node: ast.Subscript, env: Environment) -> None:
        self.visit(node.value, env)
        self.visit(node.slice, env)
        if isinstance(node.ctx, ast.Load):
            self._use(node, env)

    def _use(self, node: ast.expr, env: Environment) -> None:
        definitions = env.get(view_of(node) or "")
        if definitions:
            self.uses[node] = definitions

    def visit_Call(self, node: ast.Call, env: Environment) -> None:
        self.visit(node.func, env)
        for argument in node.args:
            self.visit(argument, env)
        for keyword in node.keywords:
            self.visit(keyword.value, env)
        if isinstance(node.func, ast.Name) and node.func.id in _LOCALS_READERS:
            self.scope.snapshots[node] = dict(env.names)
        if env.views:
            forget_attributes(env.views, node)
            forget_called(env.views, node)
        self.rebinding.call(env)

    def visit_Await(self, node: ast.Await, env: Environment) -> None:
        self.visit(node.value, env)
        self.rebinding.call(env)

    def visit_NamedExpr(self, node: ast.NamedExpr, env: Environment) -> None:
        self.visit(node.value, env)
        self.target(node.target, node.value, (), env)

    def make(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda, env: Environment
    ) -> None:
        """``node`` makes its function or class here. What reached it is asked of the variables of functions alone."""
        inner = self.inner[node]
        if self.scope.is_function:
            inner.captured = {**env.views, **env.names}
        self.rebinding.make(node, inner)

    def visit_Lambda(self, node: ast.Lambda, env: Environment) -> None:
        self.signature(node.args, env)
        self.make(node, env)

    def signature(self, arguments: ast.arguments, env: Environment) -> None:
        """Visits what a signature evaluates where it stands: annotations and defaults."""
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        for argument in (*every, arguments.vararg, arguments.kwarg):
            if argument is not None and argument.annotation is not None:
                self.visit(argument.annotation, env)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default, env)

    def visit_BoolOp(self, node: ast.BoolOp, env: Environment) -> None:
        true, false = self.branch(node, env)
        after = join(true, false)
        if after is not None:
            env.become(after)

    def visit_IfExp(self, node: ast.IfExp, env: Environment) -> None:
        true, false = self.branch(node.test, env)
        for arm, inner in ((node.body, true), (node.orelse, false)):
            self.depends(arm, inner)
            self.visit(arm, inner)

    def visit_Yield(self, node: ast.Yield, env: Environment) -> None:
        if node.value is not None:
            self.visit(node.value, env)
            self.scope.yields.append((node.value, False))
        self.rebinding.call(env)

    def visit_YieldFrom(self, node: ast.YieldFrom, env: Environment) -> None:
        self.visit(node.value, env)
        self.scope.yields.append((node.value, True))
        self.rebinding.call(env)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Environment
    ) -> None:
        inner = env.copy()
        for generator in node.generators:
            self.visit(generator.iter, inner)
            self.target(generator.target, generator.iter, (("element", None),), inner)
            for test in generator.ifs:
                inner, _ = self.branch(test, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part, inner)
        for walrus in ast.walk(node):
            if isinstance(walrus, ast.NamedExpr) and inner.get(walrus.target.id):
                env.put(walrus.target.id, inner.get(walrus.target.id))

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def branch(self, test: ast.expr, env: Environment) -> tuple[Environment, Environment]:
        """Visits ``test``; what holds where it came out true, and where false."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            true, false = self.branch(test.operand, env)
            return false, true
        if isinstance(test, ast.BoolOp):
            return self._branch_boolean(test, env)
        self.visit(test, env)
        true, false = env.copy(), env.copy()
        subject, condition, positive = condition_of(test)
        if subject is not None and condition is not None:
            name = view_of(subject)
            if name:
                self.refine(name, subject, condition, positive, true)
                self.refine(name, subject, condition, not positive, false)
        return true, false

    def _branch_boolean(self, test: ast.BoolOp, env: Environment) -> tuple[Environment, Environment]:
        conjunction = isinstance(test.op, ast.And)
        current, decided = env, None
        for operand in test.values:
            true, false = self.branch(operand, current)
            current, left = (true, false) if conjunction else (false, true)
            decided = join(decided, left)
        other = decided or Environment()
        return (current, other) if conjunction else (other, current)

    def refine(self, name: str, node: ast.expr, test: Test, positive: bool, env: Environment) -> None:
        previous = env.get(name) or (Raw(node, self.scope),)
        if test.kind in COMPARING:
            self.compared[name] = None
        env.narrow(name, Refined(node, self.scope, previous, test, positive))
