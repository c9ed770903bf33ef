"""Validation on every way through an entry: what GOV201, GOV202 and GOV203 judge."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from phase12_lint.execution.entries import Entry, entries, hop
from phase12_lint.execution.expressions import COMPREHENSIONS
from phase12_lint.execution.gathered import gives_exceptions_back
from phase12_lint.execution.graph import value_of
from phase12_lint.execution.origins import PUTTING, Origins, name_of
from phase12_lint.execution.places import Environment, assigned, key_of
from phase12_lint.execution.roles import INPUT, OUTPUT, RUN
from phase12_lint.execution.steps import ALL_WAYS, NEXT, Step, walk
from phase12_lint.facts.raw_returns import raw_statements
from phase12_lint.model import Hop
from phase12_lint.syntax.scopes import Assigned, Param, last_name
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

_MAPPING = {"map", "imap", "imap_unordered", "starmap"}


@dataclass(frozen=True, slots=True)
class UnvalidatedRun(Fact):
    """A plugin run in ``entry`` that some way reaches with its input not validated, or leaves with its output not.

    ``output`` says which; ``validated`` whether a validator is called at all.
    """

    entry: str
    output: bool
    validated: bool


@dataclass(frozen=True, slots=True)
class UnvalidatedInput(UnvalidatedRun):
    """The input is not validated on some way."""


@dataclass(frozen=True, slots=True)
class UnvalidatedOutput(UnvalidatedRun):
    """The output is not validated on some way."""


@dataclass(frozen=True, slots=True)
class SilencedValidator(Fact):
    """A validator whose exception a handler of ``entry`` swallows."""

    entry: str


def validation(program: Program) -> Iterator[Fact]:
    """The facts about validation in every entry."""
    for entry in program.once(entries):
        for run in entry.runs:
            yield from _input(entry, run)
            yield from _output(entry, run)
        yield from _silenced(entry)


def _input(entry: Entry, run: Step) -> Iterator[Fact]:
    given = entry.given(run)
    validators = entry.ways.with_role(INPUT)
    known = {step: entry.origins(step) for step in validators}
    any_will_do = not given.keys() and not _is_given_literals(run)
    stops = {step: origins for step, origins in known.items() if any_will_do or origins.keys() & given.keys()}
    if _Unvalidated(entry, stops).reaches(run):
        each = _loops_before(entry, run, stops)
        if each and not _Unvalidated(entry, {**stops, **each}).reaches(run):
            return
        fact = entry.fact(run)
        evidence = entry.evidence(
            fact.evidence.what, *_called(validators, "is called, but not on every path")
        )
        yield UnvalidatedInput(fact.node, fact.scope, evidence, True, entry.name, False, bool(validators))


def _is_given_literals(run: Step) -> bool:
    """Whether all that the plugin is given is written out there, which no validator has seen."""
    call, access = run.node, run.access
    if not isinstance(call, ast.Call) or access is None or access.node is not call.func:
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return bool(given) and not any(isinstance(part, ast.Name) for each in given for part in ast.walk(each))


def _loops_before(entry: Entry, run: Step, validators: Mapping[Step, Origins]) -> Mapping[Step, Origins]:
    """The loops that validate each of what ``run`` is run for, one by one: it is not run where there is none."""
    around = [head for head in entry.ways.loops if _is_in_round(run, head)]
    rounds = {origin for head in around for origin in entry.made_from([_round(head)[0]], head)}
    if _is_mapped(run.node):
        rounds |= entry.origins(run).keys()

    def leaves(step: Step) -> tuple[str, ...]:
        return ALL_WAYS if step not in validators else ()

    return {
        head: entry.made_from([_round(head)[0]], head)
        for head in (entry.ways.loops if rounds else ())
        if head not in around and _goes_through(entry, head, rounds, "", leaves)
    }


def _is_in_round(step: Step, head: Step) -> bool:
    """Whether ``step`` is made in a round of the loop ``head``."""
    if not isinstance(head.node, COMPREHENSIONS):
        return step.is_in(head.node, head.act.scope)
    inner = step.node
    for act in step.act.stack():
        while act is head.act and inner is not None and inner is not head.node.generators[0].iter:
            if inner is head.node:
                return True
            inner = act.scope.module.parents.get(inner)
        inner = act.call
    return False


def _round(head: Step) -> tuple[ast.expr, Step, list[Step]]:
    """What the loop ``head`` goes over, the first step of a round, and what comes after the last."""
    if isinstance(head.node, (ast.For, ast.AsyncFor)):
        body, *others = head.following
        return head.node.iter, body, others
    assert isinstance(head.node, COMPREHENSIONS)
    *others, body = head.following
    return head.node.generators[0].iter, body, others


def _is_mapped(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in _MAPPING


class _Unvalidated:
    """The steps that some way reaches with nothing validated, or with what was validated bound anew."""

    def __init__(self, entry: Entry, validators: Mapping[Step, Origins]) -> None:
        self.entry = entry
        self.validators = validators
        self.validated = {
            origin: scope for origins in validators.values() for origin, scope in origins.items()
        }
        self.names = {(d.scope, name_of(d)) for d in self.validated if isinstance(d, (Assigned, Param))}

    def reaches(self, run: Step) -> bool:
        """Whether the plugin run of ``run`` is among them, also with what the variables hold."""
        renewing = self._renewing(run)
        if renewing is None:
            return False
        known = self.entry.environments
        return any(
            run.access in {step.access for step in self.entry.reached([start], known[start], self._passes)}
            for start in (self.entry.ways.start, *renewing)
            if start in known
        )

    def _passes(self, step: Step) -> tuple[str, ...]:
        return ALL_WAYS if step not in self.validators else ()

    def _renewing(self, run: Step) -> list[Step] | None:
        """The steps that bind anew what was validated; None if ``run`` is not reached, whatever the variables hold."""
        renewing = []
        reached = False
        seen = {(self.entry.ways.start, False)}
        pending = list(seen)
        while pending:
            step, done = pending.pop()
            if step.access is run.access and step.access is not None and not done:
                reached = True
            after = step in self.validators or done
            if after and step not in self.validators and self._renews(step):
                renewing.append(step)
                after = False
            for way in ALL_WAYS:
                for following in step.successors(way):
                    if (following, after) not in seen:
                        seen.add((following, after))
                        pending.append((following, after))
        return renewing if reached else None

    def stores(self, step: Step) -> bool:
        """Whether ``step`` gives a validated variable a value."""
        if step.kind != "assign":
            return False
        names = {
            node.id
            for target in assigned(step.node)[0]
            for node in ast.walk(target)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        return any((step.act.scope, name) in self.names for name in names)

    def _renews(self, step: Step) -> bool:
        """Whether ``step`` gives a validated variable a value that has nothing to do with what was validated."""
        if not self.stores(step):
            return False
        _, value = assigned(step.node)
        if isinstance(step.node, (ast.AugAssign, ast.withitem)):
            return isinstance(step.node, ast.withitem)
        source = value if value is not None else getattr(step.node, "iter", None)
        if source is None:
            return True
        return not self.entry.made_from([source], step).keys() & self.validated.keys()


def _output(entry: Entry, run: Step) -> Iterator[Fact]:
    validators = entry.ways.with_role(OUTPUT)
    results = {step.node for step in entry.ways.runs if step.access is run.access}
    stops = {step for step in validators if results & entry.origins(step).keys()}

    def leaves(step: Step) -> tuple[str, ...]:
        return ALL_WAYS if step not in stops and step.role != RUN else ()

    def passes(step: Step) -> tuple[str, ...]:
        return leaves(step) if entry.passes_on(step) else ()

    gives_back = isinstance(run.node, ast.Call) and gives_exceptions_back(run.node, run.act.scope)
    raw = entry.program.once(raw_statements) if gives_back else frozenset()
    kept = _collected_in(run)
    loops = entry.ways.loops if kept is not None else ()
    stops |= {head for head in loops if _goes_through(entry, head, results, kept or "", leaves)}
    for start in (step for step in entry.ways.runs if step.access is run.access):
        known = entry.environments.get(start, {})
        reached = entry.reached(start.following, known, passes)
        smooth = walk(start.following, lambda step: tuple(set(passes(step)) & {NEXT}))
        for step, env in reached.items():
            if not entry.returns(step) or step.node in raw:
                continue
            value = value_of(step)
            if entry.envelopes.holds(value, step.act, env) or entry.ways.left not in walk([step], leaves):
                continue
            parts = list(_not_constant(value, step, env)) if value is not None else []
            given = bool(results & entry.made_from(parts, step).keys())
            if given or (step in smooth and not entry.generates):
                yield _unvalidated_output(entry, run, step, validators)
                return


def _not_constant(value: ast.expr, step: Step, env: Environment) -> Iterator[ast.expr]:
    """The parts of ``value`` that may be more than a constant where ``env`` holds: the result may never have come."""
    for part in value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]:
        held = env.get(key_of(part.id, step.act)) if isinstance(part, ast.Name) else None
        if not held or any(not isinstance(source, ast.Constant) for source, _, _ in held):
            yield part


def _collected_in(run: Step) -> str | None:
    """The variable from which the results of ``run`` are collected, empty where they are at once; None if they are not.

    They are the elements of a comprehension, or are put into a container: ``results.append(plugin.run(x))``.
    """
    module, node = run.act.scope.module, run.node
    if _is_mapped(node):
        return ""
    while isinstance(node, ast.expr):
        parent = module.parents.get(node)
        if isinstance(parent, COMPREHENSIONS) or _puts(parent, node) or _gathers(parent):
            return ""
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            name = parent.targets[0].id
            is_put = any(_puts(module.parents.get(load), load) for load in module.loads.get(name, ()))
            return name if is_put else None
        node = parent
    return None


def _gathers(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "gather"


def _puts(call: ast.AST | None, given: ast.AST) -> bool:
    return (
        isinstance(call, ast.Call)
        and given in call.args
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in PUTTING
    )


def _goes_through(
    entry: Entry,
    head: Step,
    results: AbstractSet[object],
    kept: str,
    leaves: Callable[[Step], tuple[str, ...]],
) -> bool:
    """Whether ``head`` begins a loop over ``results`` that validates each: it is entered where there is one.

    What is ``kept`` in a variable is one result, over parts of which such a loop may go.
    """
    iterated, body, others = _round(head)
    if any(getattr(each, "id", None) == kept for each in ast.walk(iterated)):
        return False
    if not results & entry.made_from([iterated], head).keys():
        return False
    if not walk([body], leaves).keys().isdisjoint([head, *others]):
        return False
    rest_of_round = walk([body], lambda step: (NEXT,) if step is not head else ())
    return rest_of_round.keys().isdisjoint(others)


def _unvalidated_output(entry: Entry, run: Step, left: Step, validators: tuple[Step, ...]) -> Fact:
    fact = entry.fact(run)
    assert left.node is not None
    evidence = entry.evidence(
        fact.evidence.what,
        hop(left.act.scope, left.node, "returns without having validated the output"),
    )
    return UnvalidatedOutput(fact.node, fact.scope, evidence, True, entry.name, True, bool(validators))


def _called(steps: tuple[Step, ...], note: str) -> Iterator[Hop | None]:
    for step in steps[:2]:
        if isinstance(step.node, ast.Call):
            yield hop(step.act.scope, step.node, f"`{describe(step.node.func)}` {note}")


def _silenced(entry: Entry) -> Iterator[Fact]:
    for validator in entry.validators():
        assert isinstance(validator.node, ast.Call)
        for handler in silencing(entry, validator)[:1]:
            assert handler.node is not None
            evidence = entry.evidence(
                describe(validator.node.func),
                hop(handler.act.scope, handler.node, "the handler neither raises nor builds an envelope"),
            )
            node, scope = entry.place(validator)
            yield SilencedValidator(node, scope, evidence, True, entry.name)


def silencing(entry: Entry, validator: Step) -> list[Step]:
    """The handlers that swallow what ``validator`` raises, of a ``try`` that does not hold the plugin run as well."""
    covered = {handler for run in entry.ways.runs for handler in _around(entry, run)}
    found = (each for each in entry.ways.handlers_of(validator) if entry.judges(each))
    handlers = [each for each in found if each.node not in covered]
    held = [each for each in handlers if any(_holds(each, run) for run in entry.ways.runs)]
    return [each for each in handlers if each not in held and _swallows(entry, each, validator)]


def _holds(handler: Step, run: Step) -> bool:
    """Whether ``run`` is in the body of the statement of ``handler``, itself or in what is called there."""
    statement: ast.AST | None = handler.node
    if isinstance(statement, ast.ExceptHandler):
        statement = handler.act.scope.module.parents.get(statement)
    return run.is_in(statement, handler.act.scope)


def _around(entry: Entry, run: Step) -> Iterator[ast.AST]:
    """The handlers of every ``try`` that holds ``run``."""
    for handler in entry.ways.handlers_of(run):
        parent = handler.act.scope.module.parents.get(handler.node) if handler.node is not None else None
        siblings = getattr(parent, "handlers", [handler.node])
        yield from siblings


def _swallows(entry: Entry, handler: Step, validator: Step) -> bool:
    """Whether some way from ``handler`` goes on to a plugin run, or to a return without the envelope, and ``validator``
    has not been tried again before and succeeded.
    """
    again = {each for each in entry.ways.with_role(validator.role) if each.node is validator.node}
    renewed = _Unvalidated(entry, {validator: entry.origins(validator)})

    def passes(step: Step) -> tuple[str, ...]:
        if not entry.passes_on(step) or step in again:
            return ()
        return ALL_WAYS if step.kind == "raise" else (NEXT,)

    reached = list(entry.after(handler, passes))
    if again and any(renewed.stores(step) for step, _ in reached):
        again.clear()
        reached = list(entry.after(handler, passes))
    for step, env in reached:
        if step.role == RUN:
            return True
        if entry.returns(step) and not entry.envelopes.holds(value_of(step), step.act, env):
            return True
    return False


OF_THE_PROGRAM = (validation,)
