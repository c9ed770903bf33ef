"""GOV401: the metrics update moves into the ``finally`` of the ``try`` that holds the plugin run.

Sure where the entry itself runs the plugin and has the update, if only on some path, and where all that the update is
given is known on every path: what is measured from before the ``try``; the state and whether there was an error from
what they are set to, which is a failure until the run has succeeded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.execution.entries import Entry, entries
from phase12_lint.execution.roles import UPDATE
from phase12_lint.facts.metrics_calls import ARGUMENTS
from phase12_lint.facts.metrics_on_paths import UnmeasuredRun
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import block_of, bound_before, line_of, names_in, stores_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.suites import led, statements
from phase12_lint.syntax.scopes import Scope

SAFE = False
_FAILED = {"state": '"FAILED"', "had_error": "True"}
_FAILURES: dict[str, tuple[object, ...]] = {"state": ("FAILED", "UNAVAILABLE"), "had_error": (True,)}


@dataclass(frozen=True, slots=True)
class _Update:
    """One update: its statement, what it is given by the names of ``ARGUMENTS``, and what computes the time before."""

    statement: ast.Expr
    call: ast.Call
    given: dict[str, ast.expr]
    timed: ast.Assign | None

    @property
    def kept(self) -> tuple[str, ...]:
        """What has to be the same in all updates, for one to stand for them."""
        said = [self.call.func, self.given["plugin_name"], self.timed or self.given["elapsed_ms"]]
        return tuple(map(ast.unparse, said))


def draft(found: Found) -> Draft:
    """One update in the ``finally``, and what it is told set where the updates were."""
    fact = found.fact(UnmeasuredRun)
    entry = next(each for each in found.program.once(entries) if each.name == fact.entry)
    scope = entry.scope
    demand(scope is fact.scope and scope.module is found.module, "the plugin is run in a helper")
    updates = list(_updates(entry, scope))
    demand(updates, "the entry does not update the metrics")
    demand(len({each.kept for each in updates}) == 1, "the updates are given different things")
    demand(all(each.call.lineno > line_of(fact.node) for each in updates), "an update comes before the run")
    change = Draft(found.module, "update the metrics in a `finally`")
    tried = _try_around(fact.node, scope)
    condition = scope.module.parents[updates[0].statement]
    if tried is not None and isinstance(condition, ast.If) and condition in tried.finalbody:
        demand(
            condition.body == [updates[0].statement] and not condition.orelse, "the condition decides on more"
        )
        change.change(condition, _unconditional)
    elif tried is None:
        _wrap(change, updates, fact.node, scope)
    else:
        _move(change, updates, tried, scope, found.program.policy.states)
    return change


def _unconditional(node: cst.If) -> cst.FlattenSentinel[cst.BaseStatement]:
    """What stands under the condition, in its place."""
    return cst.FlattenSentinel(led(node, statements(node.body)))


def _updates(entry: Entry, scope: Scope) -> Iterator[_Update]:
    calls = {step.node for step in entry.ways.with_role(UPDATE)}
    inside = [each for each in nodes_within(scope) if each in calls]
    demand(len(inside) == len(calls), "a helper updates the metrics")
    for call in inside:
        statement = scope.module.statement(call)
        assert isinstance(call, ast.Call)
        value = getattr(statement, "value", None)
        is_own = value is call or (isinstance(value, ast.Await) and value.value is call)
        if not isinstance(statement, ast.Expr) or not is_own:
            raise NoFix("the update is part of another statement")
        given = dict(zip(ARGUMENTS, call.args)) | {each.arg: each.value for each in call.keywords if each.arg}
        demand(
            given.keys() == set(ARGUMENTS) and len(call.args) + len(call.keywords) == 4,
            "the update is malformed",
        )
        yield _Update(statement, call, given, _timed(statement, given["elapsed_ms"], scope))


def _timed(statement: ast.Expr, elapsed: ast.expr, scope: Scope) -> ast.Assign | None:
    """The statement before the update that computes the time for it."""
    if not isinstance(elapsed, ast.Name):
        return None
    block = block_of(scope.module, statement)
    for each in block[: block.index(statement)]:
        if (
            isinstance(each, ast.Assign)
            and ast.unparse(each.targets[0]) == elapsed.id
            and len(each.targets) == 1
        ):
            return each
    return None


def _try_around(node: ast.AST, scope: Scope) -> ast.Try | None:
    """The outermost ``try`` of the function that tries the run."""
    found = None
    inner, outer = node, scope.module.parents[node]
    while inner is not scope.node:
        if isinstance(outer, ast.Try) and inner in outer.body:
            found = outer
        inner, outer = outer, scope.module.parents[outer]
    return found


def _wrap(change: Draft, updates: list[_Update], node: ast.AST, scope: Scope) -> None:
    """A ``try`` around all from the run to the update behind it."""
    [update] = updates if len(updates) == 1 else [None]
    run = scope.module.statement(node)
    block = block_of(scope.module, run)
    if update is None or update.statement not in block[block.index(run) + 1 :]:
        raise NoFix("the update does not follow the run")
    moved = [each for each in (update.timed, update.statement) if each is not None]
    tried = [each for each in block[block.index(run) : block.index(update.statement)] if each not in moved]
    _demand_known(update, run, scope, ())
    lines = [change.line_of(each) for each in tried]
    final = cst.Finally(cst.IndentedBlock([change.line_of(each) for each in moved]))
    head, first = lines[0].leading_lines, lines[0].with_changes(leading_lines=[])
    new = cst.Try(cst.IndentedBlock([first, *lines[1:]]), finalbody=final, leading_lines=head)
    change.change_line(tried[0], lambda line: new)
    for each in (*tried[1:], *moved):
        change.change_line(each, lambda line: cst.RemoveFromParent())


def _move(
    change: Draft, updates: list[_Update], tried: ast.Try, scope: Scope, states: tuple[str, ...]
) -> None:
    demand("FAILED" in states, "it is not known which state a failure is")
    variables = {name: _variable(name, updates, scope) for name in _FAILED}
    known = bound_before(scope, tried)
    _demand_known(updates[-1], tried, scope, variables.values())
    told: set[str] = set()
    for update in updates:
        to_set = [name for name in variables if ast.unparse(update.given[name]) != variables[name]]
        is_tried = _stands_in(update.statement, [*tried.body, *tried.orelse])
        demand(not _is_final(update.statement, scope), "the update stands in another `finally`")
        demand(
            is_tried or _stands_in(update.statement, tried.handlers) or not to_set,
            "it is told after the `try`",
        )
        told |= set(to_set) if is_tried else set()
        told_here = {name: variables[name] for name in to_set}
        _replace(change, update, told_here, is_moved=update is updates[-1])
    unset = {name: variable for name, variable in variables.items() if variable not in known}
    for name, variable in variables.items():
        _demand_told(name, variable, tried, scope, name in told, name in unset)
    moved = [each for each in (updates[-1].timed, updates[-1].statement) if each is not None]
    final = _final(change, moved, variables)

    def whole(node: cst.Try) -> Any:
        before = [cst.parse_statement(f"{variable} = {_FAILED[name]}") for name, variable in unset.items()]
        clause = node.finalbody if node.finalbody is not None else cst.Finally(cst.IndentedBlock([]))
        if not isinstance(clause.body, cst.IndentedBlock):
            raise NoFix("the `finally` is on one line")
        block = clause.body.with_changes(body=[*clause.body.body, *final])
        again = node.with_changes(finalbody=clause.with_changes(body=block))
        return cst.FlattenSentinel([*before, again]) if before else again

    change.change(tried, whole)


def _stands_in(statement: ast.stmt, blocks: Sequence[ast.AST]) -> bool:
    return any(statement in ast.walk(each) for each in blocks)


def _is_final(statement: ast.stmt, scope: Scope) -> bool:
    parent = scope.module.parents[statement]
    return statement in getattr(parent, "finalbody", ())


def _variable(name: str, updates: list[_Update], scope: Scope) -> str:
    """The variable that the updates are given as ``name``, or are to be given."""
    written = {ast.unparse(each.given[name]) for each in updates}
    only = updates[0].given[name]
    if len(written) == 1 and isinstance(only, ast.Name):
        return only.id
    demand(name not in scope.module.bound(scope).bindings, f"`{name}` is something else here")
    return name


def _demand_known(update: _Update, before: ast.stmt, scope: Scope, variables: Iterable[str]) -> None:
    """Raises ``NoFix`` if the update is given what is not known yet where it will be."""
    known = bound_before(scope, before) | set(variables)
    own = {ast.unparse(each) for each in (update.timed.targets if update.timed else ())}
    for each in (update.timed, update.statement):
        for name in names_in(each) if each is not None else ():
            is_local = name.id in scope.module.bound(scope).bindings
            demand(not is_local or name.id in known | own, f"`{name.id}` is not known on every path")
    for own_name in own:
        uses = [each.ctx for each in names_in(scope.node) if each.id == own_name]
        loads = sum(isinstance(each, ast.Load) for each in uses)
        demand(loads == len(uses) - loads, "the time is used elsewhere, too")


def _demand_told(
    name: str, variable: str, tried: ast.Try, scope: Scope, is_told: bool, is_unset: bool
) -> None:
    """Raises ``NoFix`` unless ``variable`` says in the ``finally`` what became of the run: it means a failure until
    the run has succeeded, or a success until a handler says otherwise.
    """
    values = stores_of(scope, variable)
    begun = [value for value in values if value is not None and value.lineno < tried.lineno]
    late = [value for value in values if value is None or value.lineno > line_of(tried, "end_lineno")]
    demand(not late, "it is told after the `try`")
    if is_unset or (begun and isinstance(begun[-1], ast.Constant) and begun[-1].value in _FAILURES[name]):
        blocks: Sequence[ast.AST] = [*tried.body, *tried.orelse]
        demand(is_told or any(_sets(each, variable) for each in blocks), "a success is not told")
    else:
        demand(all(_sets(each, variable) for each in tried.handlers), "a failure is not told")


def _sets(node: ast.AST, variable: str) -> bool:
    return any(isinstance(each.ctx, ast.Store) and each.id == variable for each in names_in(node))


def _replace(change: Draft, update: _Update, to_set: dict[str, str], is_moved: bool) -> None:
    """In its place, what the update was told, in the variables ``to_set``; its comments, unless it ``is_moved``."""
    take_away = change.change_line if is_moved else change.change
    gone = [update.timed, None if to_set else update.statement]
    for each in gone:
        if each is not None:
            take_away(each, lambda node: cst.RemoveFromParent())
    if not to_set:
        return
    values = ", ".join(change.text_of(update.given[name]) for name in to_set)
    new: Any = cst.parse_statement(f"{', '.join(to_set.values())} = {values}")
    if is_moved:
        change.change_line(update.statement, lambda line: new)
    else:
        change.change_line(update.statement, lambda line: line.with_changes(body=new.body))


def _final(change: Draft, moved: list[Any], variables: dict[str, str]) -> list[cst.SimpleStatementLine]:
    """The lines of the update and of its time, told the ``variables``."""
    lines = [change.line_of(each) for each in moved]
    *timed, line = lines
    statement: Any = line.body[0]
    call: Any = statement.value.expression if isinstance(statement.value, cst.Await) else statement.value
    args = []
    for at, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword is not None else ARGUMENTS[at]
        args.append(arg.with_changes(value=cst.Name(variables[name])) if name in variables else arg)
    again = line.with_deep_changes(call, args=args)
    return [*timed, again]
