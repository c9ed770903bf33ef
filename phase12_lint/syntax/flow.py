"""Which definitions reach each use of a name: one pass over a scope, without evaluating anything.

Branches that test a name (``isinstance``, ``is None``, ``match`` ...) leave a ``Refined`` definition behind,
so what a test proves is found where the name is used. Chains such as ``self.plugin`` are followed as names
as long as nothing is called that could change them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from phase12_lint.syntax.conditions import stored_names
from phase12_lint.syntax.environments import Environment, join
from phase12_lint.syntax.flow_expressions import ExpressionBinder
from phase12_lint.syntax.patterns import captures, is_irrefutable, pairs, parts, taken_apart
from phase12_lint.syntax.scopes import (
    Assigned,
    Defined,
    Definition,
    Imported,
    Names,
    Param,
    Phi,
    Raw,
    Refined,
    Scope,
    Test,
    dotted,
)
from phase12_lint.syntax.views import forget, forget_element, forget_repeated, is_view, view_of

_LEAVING = {"sys.exit", "os._exit", "exit", "quit", "os.abort", "assert_never", "typing.assert_never"}


def bind(scope: Scope, definitions_of: dict[ast.AST, tuple[Definition, ...]]) -> None:
    """Fill in what the flow pass knows of ``scope``; uses of names go into ``definitions_of``."""
    _Binder(scope, definitions_of).bind()


class _Loop:
    def __init__(self) -> None:
        self.breaks: Environment | None = None
        self.continues: Environment | None = None


class _Binder(ExpressionBinder):
    def __init__(self, scope: Scope, definitions_of: dict[ast.AST, tuple[Definition, ...]]) -> None:
        super().__init__(scope, definitions_of)
        self.loops: list[_Loop] = []
        self.raised: list[Environment | None] = []

    def bind(self) -> None:
        node = self.scope.node
        env = Environment()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._parameters(node.args, env)
        if isinstance(node, (ast.Lambda, ast.Expression)):
            self.visit(node.body, env)
            self.scope.returns.append(node.body)
            self.scope.final = env.names
            return
        self.scope.final = (self.block(node.body, env) or Environment()).names

    def _parameters(self, arguments: ast.arguments, env: Environment) -> None:
        positional = arguments.posonlyargs + arguments.args
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        defaults += arguments.defaults
        for index, (node, default) in enumerate(zip(positional, defaults)):
            self._parameter(Param(node, self.scope, "positional", index, default), env)
        if arguments.vararg:
            self._parameter(Param(arguments.vararg, self.scope, "star", len(positional), None), env)
        for node, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            self._parameter(Param(node, self.scope, "keyword", -1, default), env)
        if arguments.kwarg:
            self._parameter(Param(arguments.kwarg, self.scope, "starstar", -1, None), env)

    def _parameter(self, param: Param, env: Environment) -> None:
        self.scope.params.append(param)
        self.define(param.node.arg, param, env)

    # statements

    def block(self, body: Iterable[ast.stmt], env: Environment | None) -> Environment | None:
        for statement in body:
            live = env is not None
            current = env if env is not None else Environment()
            after = self.statement(statement, current)
            env = after if live else None
            if self.raised and env is not None:
                self.raised[-1] = join(self.raised[-1], env.copy())
        return env

    def statement(self, node: ast.stmt, env: Environment) -> Environment | None:
        handler = getattr(self, "_" + type(node).__name__.lower(), None)
        if handler is not None:
            result: Environment | None = handler(node, env)
            return result
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.visit(child, env)
        return env

    def _expr(self, node: ast.Expr, env: Environment) -> Environment | None:
        self.visit(node.value, env)
        call = node.value
        return None if isinstance(call, ast.Call) and dotted(call.func) in _LEAVING else env

    def _assign(self, node: ast.Assign, env: Environment) -> Environment:
        self.visit(node.value, env)
        for target in node.targets:
            self.assign(target, node.value, env)
        return env

    def assign(self, target: ast.expr, value: ast.expr, env: Environment) -> None:
        """Pairs ``a, b = x, y`` element by element, so that each name has its own value."""
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, (ast.Tuple, ast.List))
            and len(target.elts) == len(value.elts)
            and not any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        ):
            for inner, item in zip(target.elts, value.elts):
                self.assign(inner, item, env)
        else:
            self.target(target, value, (), env)

    def _annassign(self, node: ast.AnnAssign, env: Environment) -> Environment:
        if node.value is not None:
            self.visit(node.value, env)
        self.visit(node.annotation, env)
        if node.value is not None or self.scope.kind == "class" or isinstance(node.target, ast.Name):
            self.target(node.target, node.value, (), env, node.annotation)
        return env

    def _augassign(self, node: ast.AugAssign, env: Environment) -> Environment:
        self.visit(node.value, env)
        if isinstance(node.target, ast.Name):
            before = env.get(node.target.id) or (Raw(node.target, self.scope),)
            self.uses.setdefault(node.target, before)
            self.define(node.target.id, Assigned(node, self.scope, node.value), env)
            env.put(node.target.id, (*before, *env.get(node.target.id)))
        else:
            self.visit(node.target, env)
            forget(env.views, view_of(node.target) or "")
            if isinstance(node.target, ast.Subscript):
                forget_element(env.views, node.target)
        return env

    def _typealias(self, node: Any, env: Environment) -> Environment:
        name, value = node.name, node.value
        self.define(name.id, Assigned(name, self.scope, value), env)
        own: Names = {each.name: (Assigned(each, self.scope, each),) for each in node.type_params}
        self.visit(value, Environment({**env.names, **own}, dict(env.views)))
        return env

    def _return(self, node: ast.Return, env: Environment) -> None:
        if node.value is not None:
            self.visit(node.value, env)
            self.depends(node.value, env)
            self.scope.returns.append(node.value)

    def _raise(self, node: ast.Raise, env: Environment) -> None:
        for child in (node.exc, node.cause):
            if child is not None:
                self.visit(child, env)

    def _break(self, node: ast.Break, env: Environment) -> None:
        if self.loops:
            self.loops[-1].breaks = join(self.loops[-1].breaks, env.copy())

    def _continue(self, node: ast.Continue, env: Environment) -> None:
        if self.loops:
            self.loops[-1].continues = join(self.loops[-1].continues, env.copy())

    def _delete(self, node: ast.Delete, env: Environment) -> Environment:
        for target in node.targets:
            self.visit(target, env)
            env.remove(view_of(target) or "")
            if isinstance(target, ast.Subscript):
                forget_element(env.views, target)
        return env

    def _assert(self, node: ast.Assert, env: Environment) -> Environment:
        true, _ = self.branch(node.test, env)
        if node.msg is not None:
            self.visit(node.msg, env)
        return true

    def _global(self, node: ast.Global, env: Environment) -> Environment:
        self.scope.declared_global.update(node.names)
        self.rebinding.declare(node)
        return env

    def _nonlocal(self, node: ast.Nonlocal, env: Environment) -> Environment:
        self.scope.declared_nonlocal.update(node.names)
        self.rebinding.declare(node)
        return env

    def _import(self, node: ast.Import, env: Environment) -> Environment:
        for alias in node.names:
            self.define(alias.asname or alias.name.partition(".")[0], Imported(alias, self.scope, node), env)
        return env

    def _importfrom(self, node: ast.ImportFrom, env: Environment) -> Environment:
        for alias in node.names:
            if alias.name == "*":
                self.scope.stars.append(node)
            else:
                self.define(alias.asname or alias.name, Imported(alias, self.scope, node), env)
        return env

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, env: Environment) -> Environment:
        for decorator in node.decorator_list:
            self.visit(decorator, env)
        self.signature(node.args, env)
        if node.returns is not None:
            self.visit(node.returns, env)
        self.define(node.name, Defined(node, self.scope), env)
        self.make(node, env)
        return env

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, env: Environment) -> Environment:
        for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(expression, env)
        self.make(node, env)
        self.define(node.name, Defined(node, self.scope), env)
        return env

    # control flow

    def _if(self, node: ast.If, env: Environment) -> Environment | None:
        true, false = self.branch(node.test, env)
        return join(self.block(node.body, true), self.block(node.orelse, false))

    def _while(self, node: ast.While, env: Environment) -> Environment | None:
        phis = self._loop_head(node, env)
        true, false = self.branch(node.test, env)
        loop = self._loop_body(node.body, true, phis)
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        after = None if endless else self.block(node.orelse, false)
        return join(after, loop.breaks)

    def _for(self, node: ast.For | ast.AsyncFor, env: Environment) -> Environment | None:
        self.visit(node.iter, env)
        phis = self._loop_head(node, env)
        body = env.copy()
        self.target(node.target, node.iter, (("element", None),), body)
        loop = self._loop_body(node.body, body, phis)
        after = self.block(node.orelse, join(env, loop.continues))
        return join(after, loop.breaks)

    _asyncfor = _for

    def _loop_head(self, node: ast.For | ast.AsyncFor | ast.While, env: Environment) -> dict[str, Phi]:
        forget_repeated(env.views, node)
        phis: dict[str, Phi] = {}
        for name in sorted(stored_names(node) | self.rebinding.names):
            before = env.get(name)
            if before or not is_view(name):
                phis[name] = Phi(node, self.scope, before)
                env.put(name, (phis[name],))
        return phis

    def _loop_body(self, body: list[ast.stmt], env: Environment, phis: dict[str, Phi]) -> _Loop:
        loop = _Loop()
        self.loops.append(loop)
        end = join(self.block(body, env.copy()), loop.continues)
        self.loops.pop()
        loop.continues = end
        for name, phi in phis.items():
            again = end.get(name) if end is not None else ()
            phi.previous = tuple(d for d in dict.fromkeys(phi.previous + again) if d is not phi)
        return loop

    def _try(self, node: ast.Try, env: Environment) -> Environment | None:
        if node.finalbody:
            self.raised.append(env.copy())
        self.raised.append(env.copy())
        end = self.block(node.body, env.copy())
        broken = self.raised.pop()
        if self.raised:
            self.raised[-1] = join(self.raised[-1], broken)
        end = self.block(node.orelse, end)
        for handler in node.handlers:
            current = (broken or Environment()).copy()
            if handler.type is not None:
                self.visit(handler.type, current)
            if handler.name:
                self.define(
                    handler.name, Assigned(handler, self.scope, handler.type, (("raised", None),)), current
                )
            end = join(end, self.block(handler.body, current))
        if not node.finalbody:
            return end
        left = self.raised.pop()
        if self.raised:
            self.raised[-1] = join(self.raised[-1], left)
        after = self.block(node.finalbody, (join(end, broken) or Environment()).copy())
        self.block(
            node.finalbody, (join(join(end, broken), left) or Environment()).copy()
        )  # also on the ways that leave
        return after if end is not None else None

    _trystar = _try

    def _with(self, node: ast.With | ast.AsyncWith, env: Environment) -> Environment | None:
        for item in node.items:
            self.visit(item.context_expr, env)
            if item.optional_vars is not None:
                self.target(item.optional_vars, item.context_expr, (("enter", None),), env)
        return self.block(node.body, env)

    _asyncwith = _with

    def _match(self, node: ast.Match, env: Environment) -> Environment | None:
        self.visit(node.subject, env)
        after: Environment | None = None
        rest: Environment = env
        missed: list[ast.pattern] = []
        for case in node.cases:
            current = rest.copy()
            self._matched(node.subject, case.pattern, True, current)
            for capture, path, inner in captures(case.pattern):
                value, rest_of_path, others = taken_apart(node.subject, path, missed)
                taken: Definition = Assigned(capture, self.scope, value, rest_of_path)
                for earlier in others if not rest_of_path else ():
                    taken = Refined(capture, self.scope, (taken,), Test("pattern", earlier), False)
                if inner is not None:
                    taken = Refined(capture, self.scope, (taken,), Test("pattern", inner), True)
                self.define(
                    str(getattr(capture, "name", None) or getattr(capture, "rest", "")), taken, current
                )
            for child in ast.walk(case.pattern):
                if isinstance(child, ast.expr):
                    self.visit(child, current)
            if case.guard is not None:
                current, _ = self.branch(case.guard, current)
            else:
                rest = rest.copy()
                self._matched(node.subject, case.pattern, False, rest)
                missed.append(case.pattern)
            after = join(after, self.block(case.body, current))
            if case.guard is None and is_irrefutable(case.pattern):
                return after
        return join(after, rest)

    def _matched(self, subject: ast.expr, pattern: ast.pattern, positive: bool, env: Environment) -> None:
        """Refine what ``subject`` names, in a display too, where it has or has not matched ``pattern``."""
        if isinstance(subject, ast.NamedExpr):
            subject = subject.target
        name = view_of(subject)
        if name:
            self.refine(name, subject, Test("pattern", pattern), positive, env)
        if name and positive:
            for item, part in parts(subject, pattern):
                self._matched(item, part, True, env)
        for item, part in pairs(subject, pattern, positive):
            self._matched(item, part, positive, env)
