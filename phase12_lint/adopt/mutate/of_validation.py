"""What goes in and out is not validated (GOV2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.adopt.mutate.ground import Ground, mutant, path_of_run, replaced
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.calls.policy_calls import names_one_of
from phase12_lint.execution.roles import INPUT, OUTPUT
from phase12_lint.execution.steps import Step
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import tried, with_body
from phase12_lint.inspect.statements import is_alone
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Function

_WHAT = {INPUT: "input", OUTPUT: "output"}


def input_unvalidated(ground: Ground) -> Iterator[Mutant]:
    """The calls of the input validator are gone."""
    yield _without(ground, "GOV201", INPUT, ground.policy.input_validator)


def output_unvalidated(ground: Ground) -> Iterator[Mutant]:
    """The calls of the output validator are gone."""
    yield _without(ground, "GOV202", OUTPUT, ground.policy.output_validator)


def silenced(ground: Ground) -> Iterator[Mutant]:
    """What a validator raises is swallowed around its call."""
    found = False
    for role, what in _WHAT.items():
        for entry, step, call in ground.calls(role):
            module = step.act.scope.module
            statement = module.statement(call)
            runs = any(node is run.node for run in entry.runs for node in ast.walk(statement))
            if is_alone(module, statement) and not runs:
                does = f"an {what} that is invalid is used anyway"
                changes = Changes(module).change_statement(statement, tried("except Exception:\n    pass"))
                yield mutant("GOV203", does, changes)
                found = True
                break
    if not found:
        raise NotApplicable("no validator is called in a statement of its own")


def incomplete(ground: Ground) -> Iterator[Mutant]:
    """A validator looks at nothing."""
    roles = [OUTPUT, *([INPUT] if not ground.policy.name else [])]
    functions = {role: _function(ground, role) for role in roles}
    for role, scope in functions.items():
        if scope is not None:
            assert isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef))
            changes = Changes(scope.module).change(scope.node, with_body("return None"))
            yield mutant("GOV204", f"the {_WHAT[role]} validator `{scope.name}` checks nothing", changes)
    if not any(functions.values()):
        raise NotApplicable("the program defines no validator that an entry calls")


def _without(ground: Ground, code: str, role: str, entries: tuple[str, ...]) -> Mutant:
    """Each call of a validator gives way to what it is given."""
    changes = replaced(
        (step.act.scope.module, call, _given(ground, step, call, entries))
        for _, step, call in ground.calls(role)
    )
    if not changes:
        raise NotApplicable(f"no entry calls the {_WHAT[role]} validator")
    return mutant(code, f"the {_WHAT[role]} is not validated", *changes, at=path_of_run(ground.entries[0]))


def _given(ground: Ground, step: Step, call: ast.Call, entries: tuple[str, ...]) -> str:
    """What the validator is given, as written: also where the call only hands it over, with what it is given."""
    act = step.act
    own = names_one_of(ground.program, call.func, act.scope, act.frame, entries)
    given = [*call.args, *(keyword.value for keyword in call.keywords)][0 if own else 1 :]
    first = given[0] if given else ast.Constant(None)
    first = first.value if isinstance(first, ast.Starred) else first
    return first.id if isinstance(first, ast.Name) else f"({ast.unparse(first)})"


def _function(ground: Ground, role: str) -> Scope | None:
    """The validator that an entry calls, as far as the program defines it."""
    for _, step, call in ground.calls(role):
        for atom in ground.program.evaluate(call.func, step.act.scope, step.act.frame):
            if isinstance(atom, Function) and isinstance(
                atom.scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)
            ):
                return atom.scope
    return None
