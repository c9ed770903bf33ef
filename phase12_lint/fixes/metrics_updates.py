"""The updates of the metrics in an entry, and how its code says that a run has failed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.execution.entries import Entry
from phase12_lint.execution.roles import UPDATE
from phase12_lint.facts.metrics_calls import ARGUMENTS, arguments_of
from phase12_lint.fixes.base import NoFix, demand
from phase12_lint.fixes.blocks import block_of, stores_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.atoms import ClassRef
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

_FAILED = "FAILED"
WRITTEN_OUT = (ast.Constant, ast.Attribute)
FAILURES: dict[str, tuple[object, ...]] = {"state": ("FAILED", "UNAVAILABLE"), "had_error": (True,)}


@dataclass(frozen=True, slots=True)
class Update:
    """One update: its statement, what it is given by the names of ``ARGUMENTS``, and what computes the time before."""

    statement: ast.Expr
    call: ast.Call
    given: dict[str, ast.expr]
    timed: ast.Assign | ast.AnnAssign | None
    scope: Scope

    def root(self, name: str) -> str:
        """The variable that is given as ``name``, or that what is given is made of; empty where it is written out."""
        given = self.given[name]
        root = _root_of(given)
        is_flag = all(isinstance(each, ast.Constant) for each in stores_of(self.scope, root))
        return root if is_flag or isinstance(given, (ast.Name, ast.Attribute)) else ""

    @property
    def kept(self) -> tuple[str, ...]:
        """What has to be the same in all updates, for one to stand for them."""
        said = [self.call.func, self.given["plugin_name"], self.timed or self.given["elapsed_ms"]]
        return tuple(map(ast.unparse, said))


@dataclass(frozen=True, slots=True)
class Failure:
    """How the code of ``scope`` says that a run has failed: as its ``updates`` in ``handlers`` do."""

    change: Draft
    program: Program
    scope: Scope
    updates: Sequence[Update]
    handlers: Sequence[ast.ExceptHandler]

    def text(self, name: str) -> str:
        """What ``name`` is for a failure, as written."""
        if name == "had_error":
            return "True"
        for update in self.updates:
            given = update.given[name]
            if stands_in(update.statement, self.handlers) and isinstance(given, WRITTEN_OUT):
                return self.change.text_of(given)
        for update in self.updates:
            given = update.given[name]
            if isinstance(given, ast.Attribute):
                return f"{self.change.text_of(given.value)}.{self._member(given.value)}"
        demand(_FAILED in self.program.policy.states, "it is not known which state a failure is")
        return f'"{_FAILED}"'

    def is_told_by(self, name: str, value: ast.expr) -> bool:
        """Whether ``value`` of the variable of ``name`` tells a failure, by what it is or as a handler tells it."""
        update = self.updates[0]
        value = _told(update.given[name], value) if update.root(name) else value
        if isinstance(value, ast.Constant):
            said: object = value.value
        else:
            said = last_name(value)
        if name == "had_error" or said in FAILURES[name]:
            return said in FAILURES[name]
        told = {
            ast.unparse(each.given[name]) for each in self.updates if stands_in(each.statement, self.handlers)
        }
        return ast.unparse(value) in told

    def _member(self, owner: ast.expr) -> str:
        """The member of an enumeration that is the state of a failure."""
        classes = (
            each.cls for each in self.program.evaluate(owner, self.scope) if isinstance(each, ClassRef)
        )
        names = [each.module.bound(each.scope).bindings for each in classes if isinstance(each, ClassInfo)]
        demand(names and all(_FAILED in each for each in names), "it is not known which state a failure is")
        return _FAILED


def updates_of(entry: Entry, scope: Scope) -> Iterator[Update]:
    """The updates in the body of ``scope``, which runs the plugin; raises ``NoFix`` where others make some."""
    calls = {step.node: step for step in entry.ways.with_role(UPDATE)}
    inside = [each for each in nodes_within(scope) if each in calls]
    demand(len(inside) == len(calls), "a helper updates the metrics")
    for call in inside:
        statement = scope.module.statement(call)
        assert isinstance(call, ast.Call)
        value = getattr(statement, "value", None)
        is_own = value is call or (isinstance(value, ast.Await) and value.value is call)
        if not isinstance(statement, ast.Expr) or not is_own:
            raise NoFix("the update is part of another statement")
        given, wrong = arguments_of(entry.program, call, calls[call]) or ({}, [])
        demand(
            given.keys() == set(ARGUMENTS) == set(named_in(call, given)) and not wrong,
            "the update is malformed",
        )
        yield Update(statement, call, given, _timed(statement, given["elapsed_ms"], scope), scope)


def named_in(call: ast.Call, given: Mapping[str, ast.expr]) -> list[str]:
    """The names of ``ARGUMENTS`` in the order in which ``call`` gives them; empty for what is none, or no one alone."""
    names = {value: name for name, value in given.items()}
    return [names.get(each, "") for each in (*call.args, *(keyword.value for keyword in call.keywords))]


def _timed(statement: ast.Expr, elapsed: ast.expr, scope: Scope) -> ast.Assign | ast.AnnAssign | None:
    """The statement before the update that computes the time for it."""
    if not isinstance(elapsed, ast.Name):
        return None
    block = block_of(scope.module, statement)
    for each in block[: block.index(statement)]:
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and targets_of(each) == [elapsed.id]:
            return each
    return None


def targets_of(statement: ast.Assign | ast.AnnAssign) -> list[str]:
    """What is assigned to, as written."""
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
    return [ast.unparse(each) for each in targets]


def _root_of(given: ast.expr) -> str:
    """The variable in ``state``, ``state.value``, ``not done`` and ``"FAILED" if failed else "READY"``."""
    if isinstance(given, ast.IfExp) and isinstance(given.body, WRITTEN_OUT):
        return _root_of(given.test) if isinstance(given.orelse, WRITTEN_OUT) else ""
    if isinstance(given, ast.UnaryOp) and isinstance(given.op, ast.Not):
        return _root_of(given.operand)
    if isinstance(given, ast.Attribute) and given.attr in ("value", "name"):
        given = given.value
    return given.id if isinstance(given, ast.Name) else ""


def _told(given: ast.expr, value: ast.expr) -> ast.expr:
    """What ``given`` is where its variable is ``value``."""
    if isinstance(given, ast.IfExp):
        test = _told(given.test, value)
        return given.body if isinstance(test, ast.Constant) and test.value else given.orelse
    if isinstance(given, ast.UnaryOp):
        operand = _told(given.operand, value)
        return ast.Constant(isinstance(operand, ast.Constant) and not operand.value)
    return value


def stands_in(statement: ast.stmt, blocks: Sequence[ast.AST]) -> bool:
    """Whether ``statement`` is one of ``blocks``, or in one."""
    return any(statement in ast.walk(each) for each in blocks)
