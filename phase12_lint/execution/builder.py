"""The builder: calls of the choke point's own code are followed, context managers are entered and left."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from phase12_lint.execution.callees import Callee, callees, functions
from phase12_lint.execution.handlers import Catch, caught_by, either
from phase12_lint.execution.reach import Reach
from phase12_lint.execution.roles import RUN, Roles
from phase12_lint.execution.stacks import entered, is_stack
from phase12_lint.execution.statements import MOST_STEPS, StatementSteps, through
from phase12_lint.execution.steps import BASE, ERROR, NEXT, Activation, Later, Step, Targets, walk
from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values.atoms import ClassRef, External, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.loads import bases
from phase12_lint.values.parameters import decorators

_RAISING = (ERROR, BASE)
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


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does that is not entered: whether it may return, how it may raise, and which ``raise`` it does so
    from.
    """

    returns: bool = True
    raises: tuple[str, ...] = _RAISING
    raising: tuple[Step, ...] = ()


class Builder(StatementSteps):
    """Builds the ways through one entry, into the functions that ``reach`` says lead somewhere.

    A function is entered anew at each call, for what comes after differs from call to call; one that leads nowhere
    is summarised once instead. A call of a function that is being executed goes back to its first step, so the graph
    is finite: the functions of the program are, and none stands twice in one stack.
    """

    def __init__(self, roles: Roles, reach: Reach) -> None:
        super().__init__(roles.program)
        self.roles = roles
        self.reach = reach
        self.runs = 0
        self._yields: dict[Activation, Body] = {}
        self._summaries: dict[tuple[Scope, object], Summary] = {}
        self._starts: dict[Activation, list[Step]] = {}

    # calls

    def called(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        if self._registers(node, act):
            return super().called(node, act, targets, after)
        return self._executed(node, act, targets, after)

    def _executed(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        role = self.roles.of_call(node, act.scope, act.frame)
        fact = None if role else self.roles.run_called(node, act.scope, act.frame)
        handed = None if role or fact else self.roles.run_handed(node, act.scope, act.frame)
        summaries: list[Summary] = []
        if not role and fact is None:
            before = self.runs
            called = list(self._called(node, act))
            hands = called and (handed is not None or self._hands_own(node, act))
            entered = [each for each in called if self._enters(each[1], bool(hands))]
            if entered:
                returned = self.step("returned", node, act, targets, (after,))
                bodies = [self._enter(*each, act, node, targets, returned) for each in entered]
                if self.runs > before or handed is None:
                    return self.step("call", node, act, targets, bodies)
            elif handed is None:
                summaries = [
                    each for each in (self._summary(*one, act) for one in called) if each is not None
                ]
            fact = handed
        if self._never_returns(node, act):
            return self.step("call", node, act, targets, (), (BASE,))
        raises: tuple[str, ...] = () if self._is_total(node, act) else _RAISING
        following: tuple[Step, ...] = (after,)
        if summaries:
            act.passed[node] = called
            raises = tuple(way for way in _RAISING if any(way in each.raises for each in summaries))
            following = (after,) if any(each.returns for each in summaries) else ()
        step = self.step("call", node, act, targets, following, raises)
        step.role, step.access = (RUN, fact) if fact is not None else (role, None)
        step.raising = tuple(dict.fromkeys(raised for each in summaries for raised in each.raising))
        self.runs += fact is not None
        return step

    def _called(self, node: ast.Call, act: Activation) -> Iterator[Callee]:
        """The functions that ``node`` calls, as far as a call executes their bodies."""
        for frame, scope in callees(self.program, node, act.scope, act.frame):
            scope.module.bound(scope)
            if scope.is_function and not scope.yields:
                yield frame, scope

    def _enters(self, scope: Scope, hands_run: bool) -> bool:
        """Whether the ways lead into ``scope``: it leads somewhere, or leaves something behind that decides them."""
        if self._is_plugin_code(scope):
            return False
        if hands_run or self.reach.leads(scope):
            return True
        return self.reach.is_own(scope) and self.reach.may_tell(scope)

    def _hands_own(self, node: ast.Call, act: Activation) -> bool:
        """Whether ``node`` hands over something that leads to a plugin run, a validator and so on."""
        return any(self.reach.roles_of(each) for each in self.reach.handed(node, act.scope, act.frame))

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

    def _enter(
        self,
        frame: Frame | None,
        scope: Scope,
        act: Activation,
        call: ast.Call,
        targets: Targets,
        after: Step,
    ) -> Step:
        for outer in act.stack():
            if outer.scope is scope:
                return self._again(outer, call, act, targets, after)
        if self.size > MOST_STEPS:
            self.cut(call, act, f"its call of `{scope.qualified_name}` was not followed")
            return self.step("call", call, act, targets, (after,), _RAISING)
        return self.body(frame, scope, act, call, targets, after)

    def _again(
        self, outer: Activation, call: ast.Call, act: Activation, targets: Targets, after: Step
    ) -> Step:
        """A call of a function that is being executed: it has returned, has raised, or is back at its start."""
        again = self.step("call", call, act, targets, (after,), _RAISING)
        act.again.add(call)
        if outer.start is not None:
            again.following.append(outer.start)
        else:
            self._starts.setdefault(outer, []).append(again)
        return again

    def _summary(self, frame: Frame | None, scope: Scope, act: Activation) -> Summary | None:
        """What ``scope`` does where it is not entered; None if that is not looked at: it is code of somebody else."""
        own = self.reach.is_own(scope)
        if self._is_plugin_code(scope) or not (own or _ends_in_raise(scope)):
            return None
        receiver = frame.receiver if frame is not None else None
        made_by = receiver.cls if isinstance(receiver, (Instance, ClassRef)) else None
        key = (scope, made_by)
        if key not in self._summaries:
            self._summaries[key] = Summary()
            known = self.program.receiver_frame(Instance(made_by), scope) if made_by is not None else None
            way = Way(self, Activation(scope, known, None))
            found = way.summary()
            self._summaries[key] = found if own else replace(found, raises=_RAISING, raising=found.raising)
        return self._summaries[key]

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
            first = self.expression(node.body, act, targets, end)
        else:
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            first = self.block(node.body, act, targets, end)
        act.start = first
        for again in self._starts.pop(act, ()):
            again.following.append(first)
        return first

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
            shape = shape_of(manager, act.scope, act.frame)
            calls = functions(self.program, callee, manager, shape, act.frame)
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
        """Whether the ways lead through the context manager ``scope``."""
        if any(each.scope is scope for each in act.stack()) or self._is_plugin_code(scope):
            return False
        return self.reach.is_own(scope) or self.reach.leads(scope)

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


class Way:
    """The steps of ``act``, which is called by nobody: from ``start`` to its ends. It returned (``left``), it let an
    ``Exception`` out (``failed``), or what is only a ``BaseException`` (``stopped``).
    """

    def __init__(self, builder: Builder, act: Activation) -> None:
        self.act = act
        self.left, self.failed, self.stopped = (Step("end", None, act) for _ in range(3))
        targets = Targets(Later(lambda: self.failed), Later(lambda: self.stopped), Later(lambda: self.left))
        self.start = builder.function(act, targets, self.left)

    def is_exposed(self, step: Step) -> bool:
        """Whether an ``Exception`` that ``step`` raises can leave under no handler."""
        return self.failed in walk(step.successors(ERROR), past_handlers)

    def may_stop(self, step: Step) -> bool:
        """Whether what is only a ``BaseException`` can leave from ``step``."""
        return self.stopped in walk(step.successors(BASE), past_handlers)

    def summary(self) -> Summary:
        """What a caller sees of it."""
        steps = walk([self.start])
        raises = tuple(way for way, end in ((ERROR, self.failed), (BASE, self.stopped)) if end in steps)
        raising = [
            raised
            for step in steps
            for raised in ((step,) if step.kind == "raise" else step.raising)
            if self.is_exposed(step) or self.may_stop(step)
        ]
        return Summary(self.left in steps, raises, tuple(raising))


def past_handlers(step: Step) -> tuple[str, ...]:
    """By which ways what was raised goes on: not through a handler, which has caught it."""
    return () if step.kind == "handler" else (NEXT,)


def _ends_in_raise(scope: Scope) -> bool:
    """Whether the last statement of a function is a ``raise``: it may be there to raise."""
    body = getattr(scope.node, "body", None)
    return isinstance(body, list) and isinstance(body[-1], ast.Raise)
