"""The steps of context managers: generators, objects with ``__exit__``, ``suppress`` and exit stacks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from phase12_lint.execution.callees import functions
from phase12_lint.execution.reach import Reach
from phase12_lint.execution.roles import Roles
from phase12_lint.execution.silencing import known_in
from phase12_lint.execution.stacks import entered, is_stack, managers
from phase12_lint.execution.statements import Handler, StatementSteps, preceded, through
from phase12_lint.execution.steps import BASE, ERROR, NEXT, Activation, Later, Step, Targets
from phase12_lint.execution.truth import by_arguments
from phase12_lint.syntax.exits import EXITS, may_swallow
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.handlers import Catch, caught_by, either
from phase12_lint.values.atoms import External, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.parameters import makes_manager

_CALLBACKS = {"callback", "push_async_callback"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Body = Callable[[Targets, Step], Step]


class ManagerSteps(StatementSteps):
    """The part of the builder that makes the steps of ``with`` statements, and of the functions that are entered."""

    def __init__(self, roles: Roles, reach: Reach) -> None:
        super().__init__(roles.program)
        self.roles = roles
        self.reach = reach
        self._yields: dict[Activation, Body] = {}
        self._starts: dict[Activation, list[Step]] = {}

    def executed(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        """The call ``node``, followed into what it calls."""
        raise NotImplementedError

    def told(self, test: ast.expr, act: Activation) -> bool | None:
        known = by_arguments(test, act)
        return None if known is None or self.reach.is_recursive(act.scope) else known

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
        inside = replace(targets, leave=Later(lambda: after), raised=None, break_=None, continue_=None)
        return self.function(inner, inside, after)

    def function(self, act: Activation, targets: Targets, after: Step) -> Step:
        """The steps of the function that ``act`` executes."""
        node = act.scope.node
        end = self.step("return", node, act, targets, (after,))
        if isinstance(node, ast.Lambda):
            first = self.expression(node.body, act, targets, end)
        else:
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            first = self.block(node.body, act, targets, end)
        act.start = first
        for again in self._starts.pop(act, ()):
            again.following.append(first)
        return first

    def _is_plugin_code(self, scope: Scope) -> bool:
        """Whether ``scope`` is a method of a plugin: not of the choke point, though only that may call it."""
        owner = scope.class_scope
        if owner is None or self.program.choke.holds(scope):
            return False
        cls = self.program.class_of(owner)
        return self.program.governed.is_plugin_class(cls) and not (
            self._is_template(cls) and self.program.is_inside(scope)
        )

    def _is_template(self, cls: ClassInfo) -> bool:
        """Whether a method of ``cls``, or of one above or below it, is a choke point itself."""
        owners = (scope.class_scope for scope in self.program.choke.functions)
        return any(
            owner is not None and self.program.related(cls, self.program.class_of(owner)) for owner in owners
        )

    def _is_registered(self, statement: ast.stmt, act: Activation) -> bool:
        """Whether ``statement`` defines a function that an ``ExitStack`` calls later: ``@stack.callback``."""
        marks = statement.decorator_list if isinstance(statement, _FUNCTIONS) else ()
        return any(self._is_callback(mark, act) for mark in marks)

    def _is_callback(self, node: ast.expr, act: Activation) -> bool:
        """Whether calling ``node`` only has an ``ExitStack`` call something later."""
        if not isinstance(node, ast.Attribute) or node.attr not in _CALLBACKS:
            return False
        return is_stack(self.program.evaluate(node.value, act.scope, act.frame))

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
        made = managers(manager, act.scope)
        if len(made) > 1:
            ways = [self._manage(node, each, store, body, act, targets, after) for each in made]
            return self.step("junction", None, act, targets, ways)
        manager = made[0]
        value = self.program.evaluate(manager, act.scope, act.frame)

        def bound(inner: Targets, end: Step) -> Step:
            first = body(inner, end)
            return self.step("assign", store, act, inner, (first,)) if store is not None else first

        if isinstance(manager, ast.Call):
            callee = self.program.evaluate(manager.func, act.scope, act.frame)
            if External("contextlib.suppress") in callee:
                return self._suppress(node, manager, bound, act, targets, after)
            shape = shape_of(manager, act.scope, act.frame)
            calls = functions(self.program, callee, manager, shape, act.frame)
            for frame, scope in calls:
                if makes_manager(scope) and self._may_manage(scope, act):
                    first = self._generator(frame, scope, manager, bound, act, targets, after)
                    return self.expressions(
                        [*manager.args, *(k.value for k in manager.keywords)], act, targets, first
                    )
        for atom in sorted(value, key=hash):
            if isinstance(atom, Instance) and not isinstance(atom.cls, str):
                managed = self._object(node, atom, manager, bound, act, targets, after)
                if managed is not None:
                    return self.expression(manager, act, targets, managed)
        return self.expression(manager, act, targets, bound(targets, after))

    def _may_manage(self, scope: Scope, act: Activation) -> bool:
        """Whether the ways lead through the context manager ``scope``."""
        if any(each.scope is scope for each in act.stack()) or self._is_plugin_code(scope):
            return False
        if self.reach.is_own(scope) or self.reach.leads(scope):
            return True
        return may_swallow(scope) if scope.name in EXITS else _guards_its_yield(scope)

    def _suppress(
        self, node: ast.AST, manager: ast.Call, body: Body, act: Activation, targets: Targets, after: Step
    ) -> Step:
        """``body`` in ``node``, which goes on to ``after`` when what ``manager`` suppresses is raised."""
        caught = either(caught_by(self.program, kind, act.scope, act.frame) for kind in manager.args)
        if caught == (Catch.NOTHING, Catch.NOTHING):
            return body(targets, after)
        start = self.step("handler", node, act, targets, (after,))
        return body(self.guarded(targets, [Handler(start, caught, manager.args)], act), after)

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
                self.function(inner, replace(targets, leave=target, raised=None), target())
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
        inside = replace(targets, leave=Later(lambda: after), raised=None, break_=None, continue_=None)
        return self.function(inner, inside, after)

    def yielded(self, node: ast.expr, act: Activation, targets: Targets, after: Step) -> Step:
        place = self._yields.get(act)
        return place(targets, after) if place is not None else super().yielded(node, act, targets, after)

    def _object(
        self,
        statement: ast.AST,
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
            if left is None:
                continue
            if not self._may_manage(left.scope, act):
                return body(targets, after)
            first = self._left(statement, left, node, body, act, targets, after)
            entered = self.program.method(manager, entering)
            if entered is not None and self._may_manage(entered.scope, act):
                frame = self.program.call_frame(entered, node, Shape((), ()), act.frame)
                return self.body(frame, entered.scope, act, node, targets, first)
            return first
        return None

    def _left(
        self,
        statement: ast.AST,
        function: Function,
        node: ast.expr,
        body: Body,
        act: Activation,
        targets: Targets,
        after: Step,
    ) -> Step:
        """``body`` with the ``__exit__`` ``function`` on every way out of it."""
        final = replace(targets, final=targets.final + 1)

        def left(way: str, step: Step) -> Step:
            """The steps of the call of ``function`` after the body was left by ``way``, which comes to ``step``."""
            frame = self.program.call_frame(function, node, Shape((), ()), act.frame)
            before = self._decided
            self._decided = {**before, **known_in(self.program, function.scope, way)}
            leave, raised = Later(lambda: step), None
            if way != NEXT:
                leave, raised = Later(lambda: self.step("handler", statement, act, targets, (after,))), leave
            inside = replace(final, leave=leave, raised=raised, break_=None, continue_=None)
            first = self.function(Activation(function.scope, frame, act, node, way), inside, step)
            self._decided = before
            return first

        inner = replace(
            through(targets, partial(left, NEXT)),
            error=preceded(targets.error, partial(left, ERROR)),
            base=Later(lambda: left(BASE, targets.base())),
        )
        return body(inner, left(NEXT, after))

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
            final = replace(targets, final=targets.final + 1)
            if isinstance(call, ast.Call):
                return self.executed(call, act, final, step)
            scope = act.scope.module.scope_of_node[statement]
            frame = self.program.frame(Frame(scope, statement, None, act.frame, Shape((), ()), act.frame))
            return self.body(frame, scope, act, statement, final, step)

        statement = body[0]
        manager = entered(self.program, statement, act.scope, act.frame)
        if manager is not None:
            store = statement if isinstance(statement, ast.Assign) else None
            return self._manage(node, manager, store, rest, act, targets, after)
        call = statement.value if isinstance(statement, ast.Expr) else None
        if (isinstance(call, ast.Call) and self._is_callback(call.func, act)) or self._is_registered(
            statement, act
        ):
            following = rest(through(targets, last), last(after))
        else:
            following = rest(targets, after)
        return self.statement(statement, act, targets, following)


def _guards_its_yield(scope: Scope) -> bool:
    """Whether the generator ``scope`` has handlers around its ``yield``: what the body raises comes to them."""
    guarded = (node for node in ast.walk(scope.node) if getattr(node, "handlers", None))
    return any(
        isinstance(inner, ast.Yield)
        for node in guarded
        for statement in getattr(node, "body", ())
        for inner in ast.walk(statement)
    )
