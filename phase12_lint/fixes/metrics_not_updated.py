"""GOV401: the metrics update moves into the ``finally`` of the ``try`` that holds the plugin run.

Sure where the entry itself runs the plugin and has the update, if only on some path, and where all that the update is
given is known on every path: what is measured from before the ``try``; the state and whether there was an error from
what they are set to, which is a failure until the run has succeeded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import libcst as cst

from phase12_lint.execution.entries import entries
from phase12_lint.facts.metrics_on_paths import UnmeasuredRun
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import block_of, bound_before, line_of, names_in, stores_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.metrics_updates import (
    FAILURES,
    WRITTEN_OUT,
    Failure,
    Update,
    named_in,
    stands_in,
    targets_of,
    updates_of,
)
from phase12_lint.fixes.suites import led, statements
from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.tries import catches_all, tries_around

SAFE = False


def draft(found: Found) -> Draft:
    """One update in the ``finally``, and what it is told set where the updates were."""
    fact = found.fact(UnmeasuredRun)
    entry = next(each for each in found.program.once(entries) if each.name == fact.entry)
    scope = entry.scope
    demand(scope is fact.scope and scope.module is found.module, "the plugin is run in a helper")
    updates = list(updates_of(entry, scope))
    demand(updates, "the entry does not update the metrics")
    demand(len({each.kept for each in updates}) == 1, "the updates are given different things")
    demand(all(each.call.lineno > line_of(fact.node) for each in updates), "an update comes before the run")
    change = Draft(found.module, "update the metrics in a `finally`")
    *_, tried = (None, *tries_around(scope.module, fact.node))
    failure = Failure(change, found.program, scope, updates, tried.handlers if tried else ())
    condition = scope.module.parents[updates[0].statement]
    if tried is not None and isinstance(condition, ast.If) and condition in tried.finalbody:
        _demand_decided(failure, updates, condition, tried)
        change.change(condition, _unconditional)
    elif tried is None:
        _wrap(failure, updates, fact.node)
    else:
        _move(failure, updates, tried)
    return change


def _demand_decided(failure: Failure, updates: list[Update], condition: ast.If, tried: ast.Try) -> None:
    """Raises ``NoFix`` unless the update may be made in the ``finally`` without the ``condition``, too."""
    [update] = updates if len(updates) == 1 else [None]
    is_alone = update is not None and condition.body == [update.statement] and not condition.orelse
    if update is None or not is_alone:
        raise NoFix("the condition decides on more")
    tested = {ast.unparse(each) for each in ast.walk(condition.test) if isinstance(each, ast.expr)}
    owner = update.call.func.value if isinstance(update.call.func, ast.Attribute) else update.call.func
    demand(ast.unparse(owner) not in tested, "the condition may be for what is called")

    for name in FAILURES:
        demand(update.root(name), "a failure is not told")
        _demand_told(failure, name, update.root(name), tried, is_told=False, is_unset=False)


def _unconditional(node: cst.If) -> cst.FlattenSentinel[cst.BaseStatement]:
    """What stands under the condition, in its place."""
    return cst.FlattenSentinel(led(node, statements(node.body)))


def _wrap(failure: Failure, updates: list[Update], node: ast.AST) -> None:
    """A ``try`` around all from the run to the update behind it."""
    change, scope = failure.change, failure.scope
    [update] = updates if len(updates) == 1 else [None]
    run = scope.module.statement(node)
    block = block_of(scope.module, run)
    if update is None or update.statement not in block[block.index(run) + 1 :]:
        raise NoFix("the update does not follow the run")
    moved = [each for each in (update.timed, update.statement) if each is not None]
    tried = [each for each in block[block.index(run) : block.index(update.statement)] if each not in moved]
    variables = {name: _variable(name, updates, scope) for name in FAILURES}
    _demand_known(update, run, scope)
    begun: list[cst.BaseStatement] = []
    told: dict[str, str] = {}
    for name, variable in variables.items():
        success = _success(update, name, variable, run, scope)
        is_set = any(_sets(each, variable) for each in tried)
        demand(not is_set or _is_settled(variable, tried, moved), "more may fail after a success is told")
        if success is not None and failure.is_told_by(name, success):
            demand(is_set, "a success is not told")
            continue
        begun.append(_assigned([variable], [failure.text(name)]))
        if success is not None and not is_set:
            told[variable] = change.text_of(success)
    lines = [change.line_of(each) for each in tried]
    head, first = lines[0].leading_lines, lines[0].with_changes(leading_lines=[])
    end = [_assigned(told, told.values())] if told else []
    body = cst.IndentedBlock([first, *lines[1:], *end])
    final = cst.Finally(cst.IndentedBlock(_final(change, update, variables)))
    new = [*begun, cst.Try(body, finalbody=final, leading_lines=head)]
    change.change_line(tried[0], lambda line: cst.FlattenSentinel(new))
    for each in (*tried[1:], *moved):
        change.change_line(each, lambda line: cst.RemoveFromParent())


def _success(update: Update, name: str, variable: str, run: ast.stmt, scope: Scope) -> ast.expr | None:
    """What the update is given as ``name``, where that is written out: in it, or in what ``variable`` is set to before
    the ``run``.
    """
    given = update.given[name]
    demand(_is_plain([update], name), "it is not known what is told")
    if update.root(name) != variable:
        return given
    values = stores_of(scope, variable)
    demand(
        all(value is not None and value.lineno < update.call.lineno for value in values),
        "it is not known what is told",
    )
    before = [value for value in values if value is not None and value.lineno < run.lineno]
    demand(not before or isinstance(before[-1], WRITTEN_OUT), "it is not known what is told")
    return before[-1] if before else None


def _assigned(names: Iterable[str], values: Iterable[str]) -> Any:
    return cst.parse_statement(f"{', '.join(names)} = {', '.join(values)}")


def _move(failure: Failure, updates: list[Update], tried: ast.Try) -> None:
    change, scope = failure.change, failure.scope
    variables = {name: _variable(name, updates, scope) for name in FAILURES}
    known = bound_before(scope, tried)
    _demand_known(updates[-1], tried, scope)
    told: set[str] = set()
    for update in updates:
        to_set = [name for name in variables if update.root(name) != variables[name]]
        is_tried = stands_in(update.statement, [*tried.body, *tried.orelse])
        demand(not _is_final(update.statement, scope), "the update stands in another `finally`")
        demand(
            is_tried or stands_in(update.statement, tried.handlers) or not to_set,
            "it is told after the `try`",
        )
        told |= set(to_set) if is_tried else set()
        told_here = {name: variables[name] for name in to_set}
        _replace(change, update, told_here, is_moved=update is updates[-1])
    unset = {name: variable for name, variable in variables.items() if variable not in known}
    demand(all(_is_plain(updates, name) for name in unset), "it is not known what is told")
    for name, variable in variables.items():
        _demand_told(failure, name, variable, tried, name in told, name in unset)
    before = [_assigned([variable], [failure.text(name)]) for name, variable in unset.items()]
    final = _final(change, updates[-1], variables)

    def whole(node: cst.Try) -> Any:
        clause = node.finalbody if node.finalbody is not None else cst.Finally(cst.IndentedBlock([]))
        if not isinstance(clause.body, cst.IndentedBlock):
            raise NoFix("the `finally` is on one line")
        block = clause.body.with_changes(body=[*clause.body.body, *final])
        again = node.with_changes(finalbody=clause.with_changes(body=block))
        return cst.FlattenSentinel([*before, again]) if before else again

    change.change(tried, whole)


def _is_final(statement: ast.stmt, scope: Scope) -> bool:
    parent = scope.module.parents[statement]
    return statement in getattr(parent, "finalbody", ())


def _variable(name: str, updates: list[Update], scope: Scope) -> str:
    """The variable that the updates are given as ``name``, or are to be given."""
    bindings = scope.module.bound(scope).bindings
    written = {ast.unparse(each.given[name]) for each in updates}
    root = updates[0].root(name)
    if len(written) == 1 and root in bindings:
        return root
    demand(name not in bindings, f"`{name}` is something else here")
    return name


def _is_plain(updates: Sequence[Update], name: str) -> bool:
    """Whether what is given as ``name`` is a variable itself, or written out."""
    return all(isinstance(each.given[name], ast.Name) or not each.root(name) for each in updates)


def _demand_known(update: Update, before: ast.stmt, scope: Scope) -> None:
    """Raises ``NoFix`` if the update is given what is not known yet where it will be; what is told has variables."""
    known = bound_before(scope, before)
    own = set(targets_of(update.timed)) if update.timed else set()
    told = {each for name in FAILURES for each in names_in(update.given[name])}
    for each in (update.timed, update.statement):
        for name in names_in(each) if each is not None else ():
            is_local = name.id in scope.module.bound(scope).bindings and name not in told
            demand(not is_local or name.id in known | own, f"`{name.id}` is not known on every path")
    for own_name in own:
        uses = [each.ctx for each in names_in(scope.node) if each.id == own_name]
        loads = sum(isinstance(each, ast.Load) for each in uses)
        demand(loads == len(uses) - loads, "the time is used elsewhere, too")


def _demand_told(
    failure: Failure, name: str, variable: str, tried: ast.Try, is_told: bool, is_unset: bool
) -> None:
    """Raises ``NoFix`` unless ``variable`` says in the ``finally`` what became of the run: it means a failure until
    the run has succeeded, or a success until a handler says otherwise.
    """
    values = stores_of(failure.scope, variable)
    begun = [value for value in values if value is not None and value.lineno < tried.lineno]
    late = [value for value in values if value is None or value.lineno > line_of(tried, "end_lineno")]
    demand(not late, "it is told after the `try`")
    if is_unset or (begun and failure.is_told_by(name, begun[-1])):
        blocks = [*tried.body, *tried.orelse]
        demand(is_told or any(_sets(each, variable) for each in blocks), "a success is not told")
        updates = [part for each in failure.updates for part in (each.timed, each.statement)]
        if is_told or _is_settled(variable, blocks, updates):
            return
    demand(all(_sets(each, variable) for each in tried.handlers), "a failure is not told")
    demand(any(map(catches_all, tried.handlers)), "a failure is not told")


def _is_settled(variable: str, block: Sequence[ast.stmt], updates: Sequence[ast.stmt | None]) -> bool:
    """Whether nothing but the ``updates`` is called after the last statement of ``block`` that sets ``variable``."""
    at = max((at for at, each in enumerate(block, 1) if _sets(each, variable)), default=0)
    after = [each for each in block[at:] if each not in updates and not isinstance(each, ast.Return)]
    return not any(isinstance(each, ast.Call) for later in after for each in ast.walk(later))


def _sets(node: ast.AST, variable: str) -> bool:
    return any(isinstance(each.ctx, ast.Store) and each.id == variable for each in names_in(node))


def _replace(change: Draft, update: Update, to_set: dict[str, str], is_moved: bool) -> None:
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


def _final(change: Draft, update: Update, variables: Mapping[str, str]) -> list[cst.SimpleStatementLine]:
    """The lines of the update and of its time, told the ``variables``."""
    lines = [change.line_of(each) for each in (update.timed, update.statement) if each is not None]
    *timed, line = lines
    statement: Any = line.body[0]
    call: Any = statement.value.expression if isinstance(statement.value, cst.Await) else statement.value
    args = [
        arg.with_changes(value=cst.Name(variables[name]))
        if name in variables and update.root(name) != variables[name]
        else arg
        for arg, name in zip(call.args, named_in(update.call, update.given))
    ]
    again = line.with_deep_changes(call, args=args)
    return [*timed, again]
