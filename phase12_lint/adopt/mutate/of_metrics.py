"""Runs are timed and counted wrongly, or elsewhere (GOV4)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.adopt.mutate.ground import (
    NAME,
    Ground,
    Reach,
    is_in_reach,
    mutant,
    path_of_run,
    replaced,
)
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.calls.layer_code import calls_within
from phase12_lint.execution.entries import Entry
from phase12_lint.execution.roles import UPDATE
from phase12_lint.execution.steps import Step
from phase12_lint.facts.clocks import STEADY
from phase12_lint.facts.metrics import has_metrics
from phase12_lint.facts.metrics_calls import ARGUMENTS
from phase12_lint.fixes.imports import add_import
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import written as put
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import External, Function


def missing(ground: Ground) -> Iterator[Mutant]:
    """The metrics are not updated."""
    changes = replaced((step.act.scope.module, call, "None") for _, step, call in ground.calls(UPDATE))
    if not changes:
        raise NotApplicable("no entry updates the metrics")
    yield mutant("GOV401", "the metrics are not updated", *changes, at=path_of_run(ground.entries[0]))


def elsewhere(ground: Ground) -> Iterator[Mutant]:
    """Code beside the choke point updates the metrics."""
    reach = _update(ground)
    function = f"def {NAME}({reach.parameter}): {reach.use}"
    yield ground.added("GOV402", "the metrics are updated elsewhere", *reach.prelude, "", function)


def written(ground: Ground) -> Iterator[Mutant]:
    """A metric is written without the update."""
    ground.demand_choke_point()
    fields = [field for field in ground.policy.metrics_fields if field != "state"]
    if not fields:
        raise NotApplicable("the policy names no metric but the state")
    if not has_metrics(ground.program):
        raise NotApplicable("the program has neither the metrics update nor a layer")
    lines = (f"def {NAME}(entry):", f"    entry.{fields[0]} = 0")
    yield ground.added("GOV403", f"`{fields[0]}` is written", *lines)


def literal(ground: Ground) -> Iterator[Mutant]:
    """What is measured is written out."""
    yield _told(ground, "GOV404", 3, "False", "`had_error` is always `False`")


def wall_clock(ground: Ground) -> Iterator[Mutant]:
    """The time is taken from a clock that can be set back."""
    for entry in ground.entries:
        read = list(_clocks(ground, entry))
        if read:
            changes = Changes(entry.scope.module)
            for call in read:
                changes.change(call, put(f"{NAME}_time.time()"))
            add_import(changes, f"import time as {NAME}_time")
            yield mutant("GOV405", "the time is taken from `time.time`", changes)
            return
    raise NotApplicable("no entry reads a clock itself")


def forbidden_state(ground: Ground) -> Iterator[Mutant]:
    """A state that the policy does not name."""
    yield _told(ground, "GOV406", 1, '"MUTANT"', "a plugin is left in the state `MUTANT`")


def _told(ground: Ground, code: str, index: int, text: str, does: str) -> Mutant:
    """The update is told ``text`` as its argument number ``index``."""
    for _, step, call in ground.calls(UPDATE):
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        plain = None not in named and not any(isinstance(each, ast.Starred) for each in call.args)
        given = named.get(ARGUMENTS[index])
        if given is None and plain and len(call.args) > index:
            shifted = len(call.args) + len(named) - len(ARGUMENTS)
            given = call.args[index + max(shifted, 0)]
        if given is not None:
            return mutant(code, does, Changes(step.act.scope.module).change(given, put(text)))
    raise NotApplicable(f"no entry passes the update `{ARGUMENTS[index]}` as an argument of its own")


def _update(ground: Ground) -> Reach:
    """The update, of a class of the program or a function of it; else of what nothing is known of."""
    name = last_part(ground.policy.metrics_update[0])
    given = '"mutant", "RUNNING", 0.0, False'
    for _, step, call in ground.calls(UPDATE):
        for scope in _functions(ground, step, call):
            cls = scope.class_scope
            if cls is None:
                statement = ground.imported(scope, ground.host, f"{NAME}_update")
                return Reach((statement,), "", f"return {NAME}_update({given})")
            name = scope.name
            typed = ground.typed(cls, ground.host, f"{NAME}_metrics")
            return typed._replace(use=f"return given.{name}({given})")
    return Reach((), "registry", f"return registry.{name}({given})")


def _functions(ground: Ground, step: Step, call: ast.Call) -> Iterator[Scope]:
    for atom in ground.program.evaluate(call.func, step.act.scope, step.act.frame):
        if isinstance(atom, Function) and atom.scope.kind == "function":
            yield atom.scope


def _clocks(ground: Ground, entry: Entry) -> Iterator[ast.Call]:
    for call in calls_within(entry.scope):
        if is_in_reach(call, entry.scope) and not call.args:
            atoms = ground.program.evaluate(call.func, entry.scope)
            if any(isinstance(atom, External) and atom.name in STEADY for atom in atoms):
                yield call
