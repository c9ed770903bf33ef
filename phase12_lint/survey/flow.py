"""Which definitions reach each use of a name: one pass over a scope, without evaluating anything.

Branches that test a name (``isinstance``, ``is None``, ``match`` ...) leave a ``Refined`` definition behind,
so what a test proves is found where the name is used. Chains such as ``self.plugin`` are followed as names
as long as nothing is called that could change them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from phase12_lint.survey.patterns import captures
from phase12_lint.survey.scopes import (
    Assigned,
    Defined,
    Definition,
    Environment,
    Imported,
    Param,
    Path,
    Phi,
    Raw,
    Refined,
    Scope,
    Test,
    dotted,
)

_LEAVING = {"sys.exit", "os._exit", "exit", "quit", "os.abort", "assert_never", "typing.assert_never"}
_LOCALS_READERS = {"eval", "exec"}


def join(first: Environment | None, second: Environment | None) -> Environment | None:
    """What may hold after either; None is a way that is never taken."""
    if first is None or second is None:
        return second if first is None else first
    if first is second:
        return first
    joined: Environment = {}
    for name, definitions in first.items():
        others = second.get(name)
        if others is None:
            if not _is_view(name, definitions):
                joined[name] = definitions
        elif others is definitions or others == definitions:
            joined[name] = definitions
        else:
            joined[name] = tuple(dict.fromkeys(definitions + others))
    for name, definitions in second.items():
        if name not in first and not _is_view(name, definitions):
            joined[name] = definitions
    return joined


def _is_view(name: str, definitions: tuple[Definition, ...]) -> bool:
    """Whether an entry only says more of something that is also known without it."""
    if "." in name:
        return True
    return any(
        isinstance(d, Raw) or isinstance(d, Refined) and _is_view(name, d.previous) for d in definitions
    )


def bind(scope: Scope, definitions_of: dict[ast.AST, tuple[Definition, ...]]) -> None:
    """Fill in what the flow pass knows of ``scope``; uses of names go into ``definitions_of``."""
    _Binder(scope, definitions_of).bind()


class _Loop:
    def __init__(self) -> None:
        self.breaks: Environment | None = None
        self.continues: Environment | None = None


class _Binder:
    def __init__(self, scope: Scope, definitions_of: dict[ast.AST, tuple[Definition, ...]]) -> None:
        self.scope = scope
        self.uses = definitions_of
        self.inner = {child.node: child for child in scope.children}
        self.loops: list[_Loop] = []
        self.raised: list[Environment | None] = []

    def bind(self) -> None:
        node = self.scope.node
        env: Environment = {}
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._parameters(node.args, env)
        if isinstance(node, (ast.Lambda, ast.Expression)):
            self.visit(node.body, env)
            self.scope.returns.append(node.body)
            self.scope.final = env
            return
        self.scope.final = self.block(node.body, env) or {}

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

    # definitions

    def define(self, name: str, definition: Definition, env: Environment) -> None:
        self.scope.bindings.setdefault(name, []).append(definition)
        for key in [key for key in env if key.startswith(name + ".")]:
            del env[key]
        env[name] = (definition,)

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
                    self.target(item.value, value, (*path, ("rest", index)), env)
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
            name = dotted(node)
            if name and "." in name:
                for key in [key for key in env if key == name or key.startswith(name + ".")]:
                    del env[key]
                if value is not None:
                    env[name] = (Assigned(node, self.scope, value, path, annotation),)

    # statements

    def block(self, body: Iterable[ast.stmt], env: Environment | None) -> Environment | None:
        for statement in body:
            live = env is not None
            current: Environment = env if env is not None else {}
            after = self.statement(statement, current)
            env = after if live else None
            if self.raised and env is not None:
                self.raised[-1] = join(self.raised[-1], dict(env))
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
            self.define(node.target.id, Assigned(node, self.scope, node.value), env)
            env[node.target.id] = (*before, *env[node.target.id])
        else:
            self.visit(node.target, env)
        return env

    def _typealias(self, node: ast.stmt, env: Environment) -> Environment:
        name, value = getattr(node, "name"), getattr(node, "value")
        self.define(name.id, Assigned(name, self.scope, value), env)
        return env

    def _return(self, node: ast.Return, env: Environment) -> None:
        if node.value is not None:
            self.visit(node.value, env)
            self.scope.returns.append(node.value)

    def _raise(self, node: ast.Raise, env: Environment) -> None:
        for child in (node.exc, node.cause):
            if child is not None:
                self.visit(child, env)

    def _break(self, node: ast.Break, env: Environment) -> None:
        if self.loops:
            self.loops[-1].breaks = join(self.loops[-1].breaks, dict(env))

    def _continue(self, node: ast.Continue, env: Environment) -> None:
        if self.loops:
            self.loops[-1].continues = join(self.loops[-1].continues, dict(env))

    def _delete(self, node: ast.Delete, env: Environment) -> Environment:
        for target in node.targets:
            self.visit(target, env)
            env.pop(dotted(target) or "", None)
        return env

    def _assert(self, node: ast.Assert, env: Environment) -> Environment:
        true, _ = self.branch(node.test, env)
        if node.msg is not None:
            self.visit(node.msg, env)
        return true

    def _global(self, node: ast.Global, env: Environment) -> Environment:
        self.scope.declared_global.update(node.names)
        return env

    def _nonlocal(self, node: ast.Nonlocal, env: Environment) -> Environment:
        self.scope.declared_nonlocal.update(node.names)
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
        self._signature(node.args, env)
        if node.returns is not None:
            self.visit(node.returns, env)
        self.define(node.name, Defined(node, self.scope), env)
        self.inner[node].captured = dict(env)
        return env

    _asyncfunctiondef = _functiondef

    def _signature(self, arguments: ast.arguments, env: Environment) -> None:
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        for argument in (*every, arguments.vararg, arguments.kwarg):
            if argument is not None and argument.annotation is not None:
                self.visit(argument.annotation, env)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default, env)

    def _classdef(self, node: ast.ClassDef, env: Environment) -> Environment:
        for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(expression, env)
        self.inner[node].captured = dict(env)
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
        body = dict(env)
        self.target(node.target, node.iter, (("element", None),), body)
        loop = self._loop_body(node.body, body, phis)
        after = self.block(node.orelse, join(env, loop.continues))
        return join(after, loop.breaks)

    _asyncfor = _for

    def _loop_head(self, node: ast.For | ast.AsyncFor | ast.While, env: Environment) -> dict[str, Phi]:
        phis: dict[str, Phi] = {}
        for name in _stored_names(node):
            before = env.get(name, ())
            if before or "." not in name:
                phis[name] = Phi(node, self.scope, before)
                env[name] = (phis[name],)
        return phis

    def _loop_body(self, body: list[ast.stmt], env: Environment, phis: dict[str, Phi]) -> _Loop:
        loop = _Loop()
        self.loops.append(loop)
        end = join(self.block(body, dict(env)), loop.continues)
        self.loops.pop()
        loop.continues = end
        for name, phi in phis.items():
            again = (end or {}).get(name, ())
            phi.previous = tuple(d for d in dict.fromkeys(phi.previous + again) if d is not phi)
        return loop

    def _try(self, node: ast.Try, env: Environment) -> Environment | None:
        self.raised.append(dict(env))
        end = self.block(node.body, dict(env))
        broken = self.raised.pop()
        if self.raised:
            self.raised[-1] = join(self.raised[-1], broken)
        end = self.block(node.orelse, end)
        for handler in node.handlers:
            current = dict(broken or {})
            if handler.type is not None:
                self.visit(handler.type, current)
            if handler.name:
                self.define(
                    handler.name, Assigned(handler, self.scope, handler.type, (("raised", None),)), current
                )
            end = join(end, self.block(handler.body, current))
        if not node.finalbody:
            return end
        after = self.block(node.finalbody, dict(join(end, broken) or {}))
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
        subject = node.subject.target if isinstance(node.subject, ast.NamedExpr) else node.subject
        name = dotted(subject)
        after: Environment | None = None
        rest: Environment = env
        for case in node.cases:
            current = dict(rest)
            test = Test("pattern", case.pattern)
            if name:
                self.refine(name, subject, test, True, current)
            for capture, path, inner in captures(case.pattern):
                taken: Definition = Assigned(capture, self.scope, node.subject, path)
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
            elif name:
                rest = dict(rest)
                self.refine(name, subject, test, False, rest)
            after = join(after, self.block(case.body, current))
            if case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                return after
        return join(after, rest)

    # expressions

    def visit(self, node: ast.expr, env: Environment) -> None:
        handler = getattr(self, "visit_" + type(node).__name__, None)
        if handler is not None:
            handler(node, env)
            return
        for child in ast.iter_child_nodes(node):
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

    def visit_Attribute(self, node: ast.Attribute, env: Environment) -> None:
        self.visit(node.value, env)
        name = dotted(node)
        if name:
            definitions = env.get(name)
            if definitions:
                self.uses[node] = definitions

    def visit_Call(self, node: ast.Call, env: Environment) -> None:
        self.visit(node.func, env)
        for argument in node.args:
            self.visit(argument, env)
        for keyword in node.keywords:
            self.visit(keyword.value, env)
        if isinstance(node.func, ast.Name) and node.func.id in _LOCALS_READERS:
            self.scope.snapshots[node] = dict(env)
        self._forget_assigned_attributes(node, env)

    def _forget_assigned_attributes(self, node: ast.Call, env: Environment) -> None:
        chains = [
            key for key, known in env.items() if "." in key and any(isinstance(d, Assigned) for d in known)
        ]
        if chains:
            touched = {
                name
                for n in (node.func, *node.args, *(k.value for k in node.keywords))
                if (name := dotted(n))
            }
            roots = {name.partition(".")[0] for name in touched}
            for key in chains:
                if key.partition(".")[0] in roots:
                    del env[key]

    def visit_NamedExpr(self, node: ast.NamedExpr, env: Environment) -> None:
        self.visit(node.value, env)
        self.target(node.target, node.value, (), env)

    def visit_Lambda(self, node: ast.Lambda, env: Environment) -> None:
        self._signature(node.args, env)
        self.inner[node].captured = dict(env)

    def visit_BoolOp(self, node: ast.BoolOp, env: Environment) -> None:
        true, false = self.branch(node, env)
        env.update(join(true, false) or {})

    def visit_IfExp(self, node: ast.IfExp, env: Environment) -> None:
        true, false = self.branch(node.test, env)
        self.visit(node.body, true)
        self.visit(node.orelse, false)

    def visit_Yield(self, node: ast.Yield, env: Environment) -> None:
        if node.value is not None:
            self.visit(node.value, env)
            self.scope.yields.append((node.value, False))

    def visit_YieldFrom(self, node: ast.YieldFrom, env: Environment) -> None:
        self.visit(node.value, env)
        self.scope.yields.append((node.value, True))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Environment
    ) -> None:
        inner = dict(env)
        for generator in node.generators:
            self.visit(generator.iter, inner)
            self.target(generator.target, generator.iter, (("element", None),), inner)
            for test in generator.ifs:
                inner, _ = self.branch(test, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part, inner)
        for walrus in ast.walk(node):
            if isinstance(walrus, ast.NamedExpr) and walrus.target.id in inner:
                env[walrus.target.id] = inner[walrus.target.id]

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    # conditions

    def branch(self, test: ast.expr, env: Environment) -> tuple[Environment, Environment]:
        """Visits ``test``; what holds where it came out true, and where false."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            true, false = self.branch(test.operand, env)
            return false, true
        if isinstance(test, ast.BoolOp):
            return self._branch_boolean(test, env)
        self.visit(test, env)
        true, false = dict(env), dict(env)
        subject, condition, positive = condition_of(test)
        if subject is not None and condition is not None:
            name = dotted(subject)
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
        return (current, decided or {}) if conjunction else (decided or {}, current)

    def refine(self, name: str, node: ast.expr, test: Test, positive: bool, env: Environment) -> None:
        previous = env.get(name) or (Raw(node, self.scope),)
        env[name] = (Refined(node, self.scope, previous, test, positive),)


def condition_of(test: ast.expr) -> tuple[ast.expr | None, Test | None, bool]:
    """The expression that a condition is about, what it asks, and the outcome that it has when true."""
    if isinstance(test, ast.NamedExpr):
        return test.target, Test("true", None), True
    if isinstance(test, (ast.Name, ast.Attribute)):
        return test, Test("true", None), True
    if isinstance(test, ast.Call) and test.args:
        function = dotted(test.func)
        subject = test.args[0].target if isinstance(test.args[0], ast.NamedExpr) else test.args[0]
        if function in ("isinstance", "builtins.isinstance") and len(test.args) == 2:
            return subject, Test("isinstance", test.args[1]), True
        return subject, Test("guard", test), True
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _comparison(test)
    return None, None, True


def _comparison(test: ast.Compare) -> tuple[ast.expr | None, Test | None, bool]:
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    positive = isinstance(operator, (ast.Is, ast.Eq))
    if not positive and not isinstance(operator, (ast.IsNot, ast.NotEq)):
        return None, None, True
    if isinstance(left, ast.NamedExpr):
        left = left.target
    if isinstance(right, ast.Constant) and right.value is None:
        return left, Test("none", None), positive
    if isinstance(left, ast.Call) and dotted(left.func) == "type" and len(left.args) == 1:
        return left.args[0], Test("type", right), positive
    if isinstance(left, ast.Attribute) and left.attr == "__class__":
        return left.value, Test("type", right), positive
    return None, None, True


def _stored_names(loop: ast.For | ast.AsyncFor | ast.While) -> set[str]:
    """Names and chains that a loop may set, nested scopes apart."""
    names: set[str] = set()
    stack: list[ast.AST] = [*loop.body, *([loop.test] if isinstance(loop, ast.While) else [loop.target])]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            name = dotted(node)
            if name:
                names.add(name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            names.add(node.name)
        stack.extend(ast.iter_child_nodes(node))
    return names
