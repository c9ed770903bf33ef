"""The entries of the choke point from which a plugin is run, each with the ways through it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from phase12_lint.calls.decorated import wrappers_of
from phase12_lint.execution.builder import past_handlers
from phase12_lint.execution.envelope_paths import Envelopes
from phase12_lint.execution.futures import asked_at
from phase12_lint.execution.graph import Ways
from phase12_lint.execution.lookups import lookups
from phase12_lint.execution.origins import Origins, origins
from phase12_lint.execution.places import Environment
from phase12_lint.execution.reach import Reach
from phase12_lint.execution.roles import INPUT, OUTPUT, RUN, Roles
from phase12_lint.execution.steps import ALL_WAYS, BASE, ERROR, Activation, Step, walk
from phase12_lint.execution.values import Environments
from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.envelopes import is_envelope
from phase12_lint.taint.handlers import Raised
from phase12_lint.values.atoms import Function
from phase12_lint.values.choke_point import entry_scopes
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program


class Entry:
    """One entry and what the rules ask of it."""

    def __init__(
        self, program: Program, scope: Scope, ways: Ways, roles: Roles, entries: frozenset[Scope]
    ) -> None:
        self.program = program
        self._others = entries - {scope}
        self.scope = scope
        self.ways = ways
        self.roles = roles
        self.envelopes = Envelopes(roles, self._is_envelope)
        self._asked: dict[ast.Call, dict[ast.expr, Scope]] = {}

    @property
    def name(self) -> str:
        """As ``ToolRunner.run``."""
        return self.scope.qualified_name

    @property
    def runs(self) -> tuple[Step, ...]:
        """The plugin runs, one step a place; what another entry runs is judged there."""
        runs = {id(step.access): step for step in reversed(self.ways.runs) if self.judges(step)}
        return tuple(runs.values())[::-1]

    def asking(self, run: Step) -> Iterator[Step]:
        """The steps that ask what became of ``run``, which a task, a pool or a coroutine does: it may raise there."""
        is_called = isinstance(run.node, ast.Call) and run.node.func is self.fact(run).node
        asked = {
            node
            for call, scope in self._raising(run)
            for node, where in self._asked_at(call, scope).items()
            if node is not call and (where is scope or not is_called or call is not run.node)
        }
        if asked:
            yield from (step for step in self.ways.steps if step.node in asked and step.raises)

    def _asked_at(self, call: ast.Call, scope: Scope) -> dict[ast.expr, Scope]:
        if call not in self._asked:
            self._asked[call] = asked_at(self.program, call, scope)
        return self._asked[call]

    def _raising(self, run: Step) -> Iterator[tuple[ast.Call, Scope]]:
        """The call that starts ``run``, and each call around that starts a function which lets out what it raises."""
        if isinstance(run.node, ast.Call):
            yield run.node, run.act.scope
        if run.act.caller is None:
            return
        ends = [
            step for step in walk(run.successors(ERROR), past_handlers) if step.kind in ("handler", "end")
        ]
        for act in run.act.stack():
            if act.caller is None or all(act in each.act.stack() for each in ends):
                break
            if isinstance(act.call, ast.Call) and self._only_starts(act.call, act):
                yield act.call, act.caller.scope

    def _only_starts(self, call: ast.Call, act: Activation) -> bool:
        """Whether ``call``, which leads to ``act``, hands it on instead of calling it, or makes a coroutine of it."""
        if isinstance(act.scope.node, ast.AsyncFunctionDef) or act.caller is None:
            return True
        callee = self.program.evaluate(call.func, act.caller.scope, act.caller.frame)
        return not any(isinstance(atom, Function) and atom.scope is act.scope for atom in callee)

    def judges(self, step: Step) -> bool:
        """Whether ``step`` stands in what this entry does itself, and not in another entry that it calls."""
        return all(act.scope not in self._others for act in step.act.stack())

    def place(self, step: Step) -> tuple[ast.AST, Scope]:
        """Where the choke point does what ``step`` does: there, or where it calls the helper elsewhere that does."""
        assert step.node is not None
        node = step.node
        for act in step.act.stack():
            if act.call is None or self.program.is_inside(act.scope):
                return node, act.scope
            node = act.call
        return step.node, step.act.scope

    @cached_property
    def _variables(self) -> Environments:
        return Environments(self.envelopes.truth, self.ways.steps, self.ways.act)

    @cached_property
    def environments(self) -> dict[Step, Environment]:
        """What the variables hold before each step, on any way."""
        return self._variables.before([(self.ways.start, {})], lambda step: ALL_WAYS)

    def reached(
        self, starts: Sequence[Step], known: Environment, passes: Callable[[Step], Container[str]]
    ) -> dict[Step, Environment]:
        """The steps that are reached from ``starts`` where ``known`` holds, each with what the variables then hold."""
        return self._variables.before([(step, known) for step in starts], passes)

    def after(
        self, handler: Step, passes: Callable[[Step], Container[str]]
    ) -> Iterator[tuple[Step, Environment]]:
        """The steps that ``handler`` leads to, if anything comes to it, with what the variables then hold; none of a
        further round of a loop around it, once an envelope has been put away for this one.
        """
        known = self.environments.get(handler)
        if known is None:
            return
        around = [
            head
            for head in self.ways.loops
            if len(head.following) > 1 and handler.is_in(head.node, head.act.scope)
        ]
        round_ = self.reached([handler], known, lambda step: () if step in around else passes(step))
        ended = [head for head in around if head in round_ and self.envelopes.are_put(round_[head])]
        yield from self.reached([handler], known, lambda step: () if step in ended else passes(step)).items()
        for head in ended:
            yield from self.reached(head.following[1:], round_[head], passes).items()

    def is_exposed(self, step: Step, raised: Raised | None = None) -> bool:
        """Whether an ``Exception`` that ``step`` raises, of the classes ``raised``, can leave the entry."""
        return self.ways.is_exposed(step, raised) and self._comes_to(
            self.ways.failed, step, replace(step, raised=raised or step.raised).successors(ERROR)
        )

    def may_stop(self, step: Step) -> bool:
        """Whether what is only a ``BaseException`` can leave the entry from ``step``."""
        return self.ways.may_stop(step) and self._comes_to(self.ways.stopped, step, step.successors(BASE))

    def _comes_to(self, end: Step, step: Step, following: Sequence[Step]) -> bool:
        """Whether, with what the variables hold before ``step``, what it raises comes to ``end`` under no handler."""
        known = self.environments.get(step)
        return known is not None and end in self.reached(following, known, past_handlers)

    def fact(self, step: Step) -> Fact:
        """The access that makes ``step`` a plugin run."""
        assert step.access is not None
        return step.access

    @cached_property
    def confidence(self) -> Confidence:
        """How sure it is that a plugin is run from here."""
        return max(self.fact(step).evidence.confidence for step in self.ways.runs)

    def evidence(self, what: str, *hops: Hop | None) -> Evidence:
        """Evidence about this entry, which begins with where the entry is defined."""
        begin = hop(self.scope, self.scope.node, f"`{self.name}` is an entry of the choke point")
        return Evidence(what, self.confidence, tuple(each for each in (begin, *hops) if each is not None))

    def origins(self, step: Step) -> Origins:
        """What the arguments of a call are made from; the plugin itself is none of them."""
        assert isinstance(step.node, ast.Call)
        accesses = self.roles.accesses(step.act.scope.module)
        nodes: list[ast.AST] = [*step.node.args, *step.node.keywords]
        if not isinstance(step.node.func, ast.Attribute):
            nodes.append(step.node.func)
        elif step.role in (INPUT, OUTPUT):  # ``request.validate_input()``
            nodes.append(step.node.func.value)
        skip = [node for node in accesses if not isinstance(node, ast.Call)]
        return self.made_from(nodes, step, skip)

    def given(self, run: Step) -> Origins:
        """What the plugin of ``run`` is given; what stands beside its bound method, where that is handed on, is."""
        found = dict(self.origins(run))
        fact = self.fact(run)
        call = fact.scope.module.parents.get(fact.node)
        act = next((each for each in run.act.stack() if each.scope is fact.scope), None)
        if (
            isinstance(call, ast.Call)
            and call is not run.node
            and call.func is not fact.node
            and act is not None
        ):
            beside = [node for node in (*call.args, *call.keywords) if node is not fact.node]
            follows = self.ways.executed.__contains__
            found |= origins(self.program, beside, act.scope, act.frame, follows)
        return found

    def made_from(self, nodes: Sequence[ast.AST], step: Step, skip: Sequence[ast.AST] = ()) -> Origins:
        """What ``nodes`` are made from, where ``step`` stands."""
        follows = self.ways.executed.__contains__
        return origins(self.program, nodes, step.act.scope, step.act.frame, follows, skip)

    def lookups(self, run: Step) -> frozenset[ast.AST]:
        """The calls and subscripts that look up the plugin of ``run``."""
        return lookups(self.program, self.fact(run), run.act.frame, self.ways.executed.__contains__)

    def validators(self) -> Iterator[Step]:
        """The calls of validators."""
        yield from (
            step for role in (INPUT, OUTPUT) for step in self.ways.with_role(role) if self.judges(step)
        )

    @cached_property
    def lookup_steps(self) -> tuple[Step, ...]:
        """The steps of the plugin lookups that may raise."""
        nodes = {node for run in self.runs for node in self.lookups(run)}
        return tuple(step for step in self.ways.steps if step.raises and step.node in nodes)

    def handlers(self) -> dict[Step, None]:
        """The handlers of this entry that cover a plugin run, a validator or the lookup, or what such a handler raises
        in its turn, and those that stand in such a handler.
        """
        inner = [step for step in self.ways.steps if step.kind == "handler" and self.judges(step)]
        raised = [step for step in self.ways.steps if step.kind == "raise" or step.raising]
        asking = [step for run in self.ways.runs for step in self.asking(run)]
        pending = [*self.ways.runs, *asking, *self.validators(), *self.lookup_steps][::-1]
        found: dict[Step, None] = {}
        while pending:
            covering = self.ways.handlers_of(pending.pop(), (ERROR, BASE))
            new = [each for each in covering if each not in found and self.judges(each)]
            found.update(dict.fromkeys(new))
            within = (step for step in inner if any(step.is_in(each.node, each.act.scope) for each in new))
            found.update(dict.fromkeys(within))
            pending += [step for step in raised if any(step.is_in(each.node, each.act.scope) for each in new)]
        return found

    @cached_property
    def generates(self) -> bool:
        """Whether the entry is a generator, which gives its values where it yields."""
        scope = self.ways.act.scope
        return bool(scope.module.bound(scope).yields)

    def returns(self, step: Step) -> bool:
        """Whether ``step`` gives a value of the entry: a ``return`` of its own, the end of its body, a ``yield``."""
        return step.kind == ("yield" if self.generates else "return") and step.act is self.ways.act

    def passes_on(self, step: Step) -> bool:
        """Whether what happens after ``step`` has to do with the same plugin run, and the same value."""
        return step.role != RUN and not (self.generates and self.returns(step))

    def _is_envelope(self, node: ast.expr, act: Activation) -> bool:
        return is_envelope(self.program, node, act.scope, act.frame)


def hop(scope: Scope, node: ast.AST, note: str) -> Hop | None:
    """A step of evidence at ``node``."""
    if not hasattr(node, "lineno"):
        return None
    line, column = scope.module.lines.position(node)
    return Hop(scope.module.path, line, column, note)


def entries(program: Program) -> tuple[Entry, ...]:
    """Every public function of the choke point from which a plugin is run."""
    roles = program.once(Roles)
    reach = program.once(Reach)
    public = {scope: owner for scope, owner in entry_scopes(program).items() if not scope.module.exempt}
    if not public or not any(True for _ in roles.all_accesses()):
        return ()
    for scope in dict.fromkeys((*public, *_methods(program))):
        for wrapper in wrappers_of(program, scope):
            reach.add_wrapper(wrapper.scope)
            public.pop(wrapper.scope, None)  # it is entered as what it stands in the place of
    running = {scope: owner for scope, owner in public.items() if _may_run(program, reach, scope)}
    every = frozenset(running)
    found = [
        Entry(program, scope, Ways(program, scope, owner, roles), roles, every)
        for scope, owner in running.items()
    ]
    return tuple(entry for entry in found if entry.ways.runs)


def _methods(program: Program) -> Iterator[Scope]:
    """The methods of the choke point's classes, whose decorators decide what its entries do."""
    classes = sorted(program.choke.classes, key=lambda scope: (scope.module.path, scope.qualified_name))
    for scope in classes:
        yield from (each for each in scope.module.bound(scope).children if each.is_function)


def _may_run(program: Program, reach: Reach, scope: Scope) -> bool:
    wrappers = (each.scope for each in wrappers_of(program, scope))
    return any(RUN in reach.roles_of(each) for each in (scope, *wrappers))
