"""The builder: calls of the choke point's own code are followed, context managers are entered and left."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from phase12_lint.calls.access import only_looks
from phase12_lint.execution.decorated import wrapper_frame, wrapper_of
from phase12_lint.execution.handlers import Catch, caught_by, either
from phase12_lint.execution.roles import RUN, Roles
from phase12_lint.execution.stacks import entered, is_stack
from phase12_lint.execution.statements import StatementSteps, through
from phase12_lint.execution.steps import BASE, ERROR, Activation, Later, Step, Targets
from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values import attributes, handing
from phase12_lint.values.atoms import External, Function, Instance, Partial, Value
from phase12_lint.values.destinations import PUTTING
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.loads import bases
from phase12_lint.values.parameters import decorators

_RAISING = (ERROR, BASE)
_DEEPEST = 10
_MOST_STEPS = 20_000
_MANAGERS = {"contextmanager", "asynccontextmanager"}
_CALLBACKS = {"callback", "push_async_callback"}
_ENDING = {"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"}
_TOTAL = {
    *(
        "builtins.round",
        "builtins.len",
        "builtins.bool",
        "builtins.isinstance",
        "builtins.type",
        "builtins.max",
    ),
    *("builtins.min", "logging.getLogger", "datetime.datetime.now", "datetime.datetime.utcnow"),
}

Body = Callable[[Targets, Step], Step]
Call = tuple[Frame | None, Scope]


class Builder(StatementSteps):
    """Builds the ways through one entry. ``follows`` says whether a function is part of what is executed."""

    def __init__(self, roles: Roles, follows: Callable[[Scope], bool]) -> None:
        super().__init__(roles.program)
        self.roles = roles
        self.follows = follows
        self.runs = 0
        self._yields: dict[Activation, Body] = {}

    # calls

    def called(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        if self._registers(node, act):
            return super().called(node, act, targets, after)
        return self._executed(node, act, targets, after)

    def _executed(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        role = self.roles.of_call(node, act.scope, act.frame)
        fact = None if role else self.roles.run_called(node, act.scope, act.frame)
        calls = [] if role or fact else list(self._followed(node, act))
        if calls:
            before = self.runs
            returned = self.step("returned", node, act, targets, (after,))
            bodies = [self.body(frame, scope, act, node, targets, returned) for frame, scope in calls]
            if self.runs > before or self.roles.run_handed(node, act.scope, act.frame) is None:
                return self.step("call", node, act, targets, bodies)
        if not role and fact is None:
            fact = self.roles.run_handed(node, act.scope, act.frame)
        if self._never_returns(node, act):
            return self.step("call", node, act, targets, (), (BASE,))
        raises = () if self._is_total(node, act) else _RAISING
        step = self.step("call", node, act, targets, (after,), raises)
        step.role, step.access = (RUN, fact) if fact is not None else (role, None)
        self.runs += fact is not None
        return step

    def _is_total(self, node: ast.Call, act: Activation) -> bool:
        """Whether a call cannot raise: it reads a clock, rounds, logs."""
        for atom in self.program.evaluate(node.func, act.scope, act.frame):
            owner = getattr(atom, "owner", None)
            if isinstance(atom, External) and (atom.name in _TOTAL or atom.name.startswith("time.")):
                continue
            if isinstance(owner, Instance) and owner.cls == "logging.Logger":
                continue
            return False
        return True

    def _never_returns(self, node: ast.Call, act: Activation) -> bool:
        """Whether a call ends the program: ``sys.exit()``, ``parser.error()``."""
        callee = self.program.evaluate(node.func, act.scope, act.frame)
        if any(isinstance(atom, External) and atom.name in _ENDING for atom in callee):
            return True
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("exit", "error"):
            return False
        owners = self.program.evaluate(node.func.value, act.scope, act.frame)
        return any(
            isinstance(atom, Instance) and self.program.is_subclass(atom.cls, "argparse.ArgumentParser")
            for atom in owners
        )

    def _registers(self, node: ast.Call, act: Activation) -> bool:
        """Whether ``node`` only has an ``ExitStack`` call something later."""
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _CALLBACKS:
            return False
        return is_stack(self.program.evaluate(node.func.value, act.scope, act.frame))

    def _followed(self, node: ast.Call, act: Activation) -> Iterator[Call]:
        """The functions that ``node`` calls, or hands over to be called, and that are part of the execution."""
        callee = self.program.evaluate(node.func, act.scope, act.frame)
        shape = shape_of(node, act.scope, act.frame)
        found = list(self._functions(callee, node, shape, act))
        if not only_looks(self.program, node, act.scope) and getattr(node.func, "attr", "") not in PUTTING:
            handed = handing.handed_frames(self.program, node, callee, act.scope, act.frame)
            found += [(frame, frame.scope) for frame in handed]
        dropped = isinstance(act.scope.module.parents.get(node), ast.Expr)
        for frame, scope in dict.fromkeys(found):
            unawaited = dropped and isinstance(scope.node, ast.AsyncFunctionDef)
            if not unawaited and self._may_enter(scope, act):
                yield frame, scope

    def _functions(self, callee: Value, node: ast.Call, shape: Shape, act: Activation) -> Iterator[Call]:
        for atom in sorted(callee, key=hash):
            if isinstance(atom, Function):
                yield self._function(atom, node, shape, act)
            elif isinstance(atom, Partial) and isinstance(atom.site.node, ast.Call):
                first = shape_of(atom.site.node, atom.site.scope, atom.site.frame)
                inner = self.program.argument(first.positional[0]) if first.positional else frozenset()
                yield from self._functions(inner, node, shape.after(first.without(1)), act)
            elif isinstance(atom, Instance):
                method = attributes.method_of(self.program, atom, "__call__")
                if method is not None:
                    yield from self._functions(frozenset({method}), node, shape, act)

    def _function(self, atom: Function, node: ast.Call, shape: Shape, act: Activation) -> Call:
        wrapper = wrapper_of(self.program, atom.scope)
        if wrapper is not None and all(each.scope is not wrapper.scope for each in act.stack()):
            return wrapper_frame(self.program, wrapper, node, shape, act.frame), wrapper.scope
        return self.program.call_frame(atom, node, shape, act.frame), atom.scope

    def _may_enter(self, scope: Scope, act: Activation) -> bool:
        stack = list(act.stack())
        scope.module.bound(scope)
        return (
            not scope.yields
            and scope.is_function
            and len(stack) < _DEEPEST
            and self.size < _MOST_STEPS
            and all(each.scope is not scope for each in stack)
            and self.follows(scope)
        )

    def body(
        self,
        frame: Frame | None,
        scope: Scope,
        act: Activation,
        call: ast.AST | None,
        targets: Targets,
        after: Step,
    ) -> Step:
        """The steps of a called function, which end in ``after``."""
        inner = Activation(scope, frame, act, call)
        inside = replace(targets, leave=Later(lambda: after), break_=None, continue_=None)
        return self.function(inner, inside, after)

    def function(self, act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of the function that ``act`` executes."""
        node = act.scope.node
        end = self.step("return", node, act, targets, (after,))
        if isinstance(node, ast.Lambda):
            return self.expression(node.body, act, targets, end)
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        return self.block(node.body, act, targets, end)

    # context managers

    def _with(self, node: ast.With | ast.AsyncWith, act: Activation, targets: Targets, after: Step) -> Step:
        values = [self.program.evaluate(item.context_expr, act.scope, act.frame) for item in node.items]
        inside = partial(self._stacked, node) if any(map(is_stack, values)) else self.block

        def rest(items: Sequence[ast.withitem]) -> Body:
            if not items:
                return lambda inner, end: inside(node.body, act, inner, end)
            item, body = items[0], rest(items[1:])
            store = item if item.optional_vars is not None else None
            return lambda inner, end: self._manage(node, item.context_expr, store, body, act, inner, end)

        return rest(node.items)(targets, after)

    _asyncwith = _with

    def _manage(
        self,
        node: ast.With | ast.AsyncWith,
        manager: ast.expr,
        store: ast.AST | None,
        body: Body,
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Step:
        """``body`` under ``manager``, in ``node``; ``store`` binds what is entered."""
        manager = self._kept(manager, act)
        value = self.program.evaluate(manager, act.scope, act.frame)

        def bound(inner: Targets, end: Step) -> Step:
            first = body(inner, end)
            return self.step("assign", store, act, inner, (first,)) if store is not None else first

        if isinstance(manager, ast.Call):
            callee = self.program.evaluate(manager.func, act.scope, act.frame)
            if External("contextlib.suppress") in callee:
                return self._suppress(node, manager, bound, act, targets, after)
            calls = self._functions(callee, manager, shape_of(manager, act.scope, act.frame), act)
            for frame, scope in calls:
                if not _MANAGERS.isdisjoint(decorators(scope)) and self._may_manage(scope, act):
                    first = self._generator(frame, scope, manager, bound, act, targets, after)
                    return self.expressions(
                        [*manager.args, *(k.value for k in manager.keywords)], act, targets, first
                    )
        for atom in sorted(value, key=hash):
            if isinstance(atom, Instance) and not isinstance(atom.cls, str):
                managed = self._object(atom, manager, bound, act, targets, after)
                if managed is not None:
                    return self.expression(manager, act, targets, managed)
        return self.expression(manager, act, targets, bound(targets, after))

    def _kept(self, manager: ast.expr, act: Activation) -> ast.expr:
        """The call that made a context manager which a variable keeps."""
        if isinstance(manager, ast.Name):
            act.scope.module.bound(act.scope)
            kept = list(bases(act.scope.module.definitions.get(manager, ())))
            value = kept[0].value if len(kept) == 1 and isinstance(kept[0], Assigned) else None
            if isinstance(value, ast.Call) and kept[0].scope is act.scope:
                return value
        return manager

    def _may_manage(self, scope: Scope, act: Activation) -> bool:
        return all(each.scope is not scope for each in act.stack()) and self.follows(scope)

    def _suppress(
        self, node: ast.AST, manager: ast.Call, body: Body, act: Activation, targets: Targets, after: Step
    ) -> Step:
        start = self.step("handler", node, act, targets, (after,))
        caught = either(caught_by(self.program, kind, act.scope, act.frame) for kind in manager.args)
        if caught == (Catch.NOTHING, Catch.NOTHING):
            return body(targets, after)
        return body(self.guarded(targets, [(start, caught)], act), after)

    def _generator(
        self,
        frame: Frame | None,
        scope: Scope,
        call: ast.Call,
        body: Body,
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Step:
        """``with f():`` where ``f`` is a generator: the body stands in the place of its ``yield``."""

        def rest(target: Later) -> Later:
            """What the generator does after its ``yield`` before control goes to ``target``."""

            def make() -> Step:
                places: list[Step] = []
                inner = Activation(scope, frame, act, call)

                def note(_: Targets, end: Step) -> Step:
                    places.append(end)
                    return end

                self._yields[inner] = note
                self.function(inner, replace(targets, leave=target), target())
                return places[-1] if places else target()

            return Later(make)

        inner = Activation(scope, frame, act, call)

        def in_place(at: Targets, end: Step) -> Step:
            away = through(targets, lambda step: rest(Later(lambda: step))())
            return body(
                replace(away, error=at.error, base=at.base, handlers=targets.handlers, final=targets.final),
                end,
            )

        self._yields[inner] = in_place
        inside = replace(targets, leave=Later(lambda: after), break_=None, continue_=None)
        return self.function(inner, inside, after)

    def yielded(self, node: ast.expr, act: Activation, targets: Targets, after: Step) -> Step:
        place = self._yields.get(act)
        return place(targets, after) if place is not None else super().yielded(node, act, targets, after)

    def _object(
        self,
        manager: Instance,
        node: ast.expr,
        body: Body,
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Step | None:
        """``with x:`` where ``x`` is an object of the program: its ``__exit__`` is like a ``finally``."""
        names = (("__enter__", "__exit__"), ("__aenter__", "__aexit__"))
        for entering, leaving in names:
            left = self.program.method(manager, leaving)
            if left is None or not self._may_manage(left.scope, act):
                continue
            first = self._left(left, node, body, act, targets, after)
            entered = self.program.method(manager, entering)
            if entered is not None and self._may_manage(entered.scope, act):
                frame = self.program.call_frame(entered, node, Shape((), ()), act.frame)
                return self.body(frame, entered.scope, act, node, targets, first)
            return first
        return None

    def _left(
        self, function: Function, node: ast.expr, body: Body, act: Activation, targets: Targets, after: Step
    ) -> Step:
        """``body`` with the ``__exit__`` ``function`` on every way out of it."""
        final = replace(targets, final=targets.final + 1)

        def last(step: Step) -> Step:
            frame = self.program.call_frame(function, node, Shape((), ()), act.frame)
            return self.body(frame, function.scope, act, node, final, step)

        def swallowed_or_not() -> Step:
            return self.step("junction", None, act, targets, (last(after), last(targets.error())))

        inner = through(targets, last)
        if self._swallows(function):
            inner = replace(inner, error=Later(swallowed_or_not))
        return body(inner, last(after))

    @staticmethod
    def _swallows(function: Function) -> bool:
        """Whether an ``__exit__`` may return something true."""
        function.scope.module.bound(function.scope)
        return any(not (isinstance(node, ast.Constant) and not node.value) for node in function.scope.returns)

    def _stacked(
        self,
        node: ast.With | ast.AsyncWith,
        body: Sequence[ast.stmt],
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Step:
        """The body of ``with ExitStack()``: what it enters, or gives to ``callback``, ends on every way out."""
        if not body:
            return after

        def rest(inner: Targets, end: Step) -> Step:
            return self._stacked(node, body[1:], act, inner, end)

        def last(step: Step) -> Step:
            assert isinstance(call, ast.Call)
            return self._executed(call, act, replace(targets, final=targets.final + 1), step)

        statement = body[0]
        manager = entered(self.program, statement, act.scope, act.frame)
        if manager is not None:
            store = statement if isinstance(statement, ast.Assign) else None
            return self._manage(node, manager, store, rest, act, targets, after)
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and self._registers(call, act):
            following = rest(through(targets, last), last(after))
        else:
            following = rest(targets, after)
        return self.statement(statement, act, targets, following)
