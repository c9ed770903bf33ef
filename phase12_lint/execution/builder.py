"""The builder: calls of the choke point's own code are followed, context managers are entered and left."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from phase12_lint.execution.callees import Callee, callees
from phase12_lint.execution.context_managers import ManagerSteps
from phase12_lint.execution.members import is_dictionary
from phase12_lint.execution.reach import Reach
from phase12_lint.execution.roles import ENVELOPE, RUN, Roles
from phase12_lint.execution.statements import MOST_STEPS
from phase12_lint.execution.steps import BASE, ERROR, NEXT, Activation, Later, Step, Targets, walk
from phase12_lint.syntax.nodes import takes_apart
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.handlers import Raised, classes_of
from phase12_lint.values.atoms import ClassRef, External, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.injection import is_given_its_task

_RAISING = (ERROR, BASE)
_READING = {
    *("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all", "max", "min", "next"),
    *("enumerate", "zip"),
}
_ENDING = {"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"}
_TOTAL = {
    *(
        "builtins.round",
        "builtins.len",
        "builtins.bool",
        "builtins.isinstance",
        "builtins.type",
        "builtins.max",
        "builtins.range",
    ),
    *("builtins.min", "logging.getLogger", "datetime.datetime.now", "datetime.datetime.utcnow"),
}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does that is not entered: whether it may return, how it may raise, which ``raise`` it does so
    from, and of which classes that is, if they are known.
    """

    returns: bool = True
    raises: tuple[str, ...] = _RAISING
    raising: tuple[Step, ...] = ()
    raised: Raised | None = None


class Builder(ManagerSteps):
    """Builds the ways through one entry, into the functions that ``reach`` says lead somewhere.

    A function is entered anew at each call, for what comes after differs from call to call; one that leads nowhere
    is summarised once instead. A call of a function that is being executed goes back to its first step, so the graph
    is finite: the functions of the program are, and none stands twice in one stack.
    """

    def __init__(self, roles: Roles, reach: Reach) -> None:
        super().__init__(roles, reach)
        self.runs = 0
        self._summaries: dict[tuple[Scope, object], Summary] = {}

    # calls

    def called(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
        if self._is_callback(node.func, act):
            return super().called(node, act, targets, after)
        return self.executed(node, act, targets, after)

    def executed(self, node: ast.Call, act: Activation, targets: Targets, after: Step) -> Step:
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
                if self.runs > before or handed is None or self.roles.is_kept(handed):
                    return self.step("call", node, act, targets, bodies)
            elif handed is None or self.roles.is_kept(handed):
                handed = None
                summaries = [each for each in (self._summary(*one) for one in called) if each is not None]
            fact = handed
        if self._never_returns(node, act):
            return self.step("call", node, act, targets, (), (BASE,))
        if _runs_again(node, act.scope):
            return self.step("raise", node, act, targets, (), (ERROR,))
        raises: tuple[str, ...] = () if role == ENVELOPE or self._is_total(node, act) else _RAISING
        following: tuple[Step, ...] = (after,)
        if summaries:
            act.passed[node] = called
            raises = tuple(way for way in _RAISING if any(way in each.raises for each in summaries))
            following = (after,) if any(each.returns for each in summaries) else ()
        step = self.step("call", node, act, targets, following, raises)
        step.role, step.access = (RUN, fact) if fact is not None else (role, None)
        step.raising = tuple(dict.fromkeys(raised for each in summaries for raised in each.raising))
        step.raised = united(each.raised for each in summaries if ERROR in each.raises)
        self.runs += fact is not None
        return step

    def _called(self, node: ast.Call, act: Activation) -> Iterator[Callee]:
        """The functions that ``node`` calls, as far as their bodies are executed there: a generator's if it is read."""
        one = self._rounds.get((act, node.func.id), ()) if isinstance(node.func, ast.Name) else ()
        only = {atom.scope for atom in one if isinstance(atom, Function)}
        for frame, scope in callees(self.program, node, act.scope, act.frame):
            scope.module.bound(scope)
            if only and scope not in only:
                continue
            if scope.is_function and (not scope.yields or _is_read(node, act.scope)):
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

    def _summary(self, frame: Frame | None, scope: Scope) -> Summary | None:
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
        """Whether a call cannot raise: it reads a clock, rounds, logs, makes an exception, asks a dictionary."""
        asked = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "get" else None
        if asked is not None and is_dictionary(self.program, asked, act.scope, act.frame):
            return True
        callee = self.program.evaluate(node.func, act.scope, act.frame)
        if classes_of(self.program, callee) is not None:
            return True
        for atom in callee:
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


class Way:
    """The steps of ``act``, which is called by nobody: from ``start`` to its ends. It returned (``left``), it let an
    ``Exception`` out (``failed``), or what is only a ``BaseException`` (``stopped``).
    """

    def __init__(self, builder: Builder, act: Activation) -> None:
        self.act = act
        self.left, self.failed, self.stopped = (Step("end", None, act) for _ in range(3))
        targets = Targets(Later(lambda: self.failed), Later(lambda: self.stopped), Later(lambda: self.left))
        self.start = builder.function(act, targets, self.left)

    def is_exposed(self, step: Step, raised: Raised | None = None) -> bool:
        """Whether an ``Exception`` that ``step`` raises, of the classes ``raised``, can leave under no handler."""
        told = replace(step, raised=raised or step.raised)
        return self.failed in walk(told.successors(ERROR), past_handlers)

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
        failing = [step for step in steps if self.is_exposed(step)]
        return Summary(self.left in steps, raises, tuple(raising), united(step.raised for step in failing))


def united(parts: Iterable[Raised | None]) -> Raised | None:
    """All the classes of ``parts``; None if those of one are not known, or there are none."""
    known = list(parts)
    return frozenset[ClassInfo | str]().union(*filter(None, known)) or None if all(known) else None


def _runs_again(call: ast.Call, scope: Scope) -> bool:
    """Whether a task asks for itself to be run again, which always raises: ``self.retry()``, with ``bind=True``."""
    params = scope.module.bound(scope).params
    owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "retry" else None
    return (
        isinstance(owner, ast.Name)
        and bool(params)
        and owner.id == params[0].node.arg
        and is_given_its_task(scope)
    )


def _is_read(call: ast.Call, scope: Scope) -> bool:
    """Whether what ``call`` gives is gone through right there, or by who calls: ``yield from f()``, ``for x in f()``,
    ``list(f())``, ``[first] = f()``, ``return f()``.
    """
    parent = scope.module.parents.get(call)
    if isinstance(parent, ast.Call):
        return getattr(parent.func, "id", "") in _READING and parent.args[:1] == [call]
    return isinstance(parent, ast.Return) or takes_apart(parent, call)


def past_handlers(step: Step) -> tuple[str, ...]:
    """By which ways what was raised goes on: not through a handler, which has caught it."""
    return () if step.kind == "handler" else (NEXT,)


def _ends_in_raise(scope: Scope) -> bool:
    """Whether the last statement of a function is a ``raise``: it may be there to raise."""
    body = getattr(scope.node, "body", None)
    return isinstance(body, list) and isinstance(body[-1], ast.Raise)
