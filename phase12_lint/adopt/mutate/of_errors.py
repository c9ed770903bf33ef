"""Errors leave the choke point otherwise than as an envelope, or are caught around it (GOV3)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from phase12_lint.adopt.mutate.ground import NAME, Ground, mutant, path_of_run
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.calls.reached import GovernedCall
from phase12_lint.execution.entries import Entry
from phase12_lint.execution.roles import ENVELOPE
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import below, tried, written
from phase12_lint.inspect.statements import begins_line, is_alone
from phase12_lint.syntax.tries import catches_all, tries_around
from phase12_lint.values.atoms import Function


class _Handler(NamedTuple):
    """The widest handler of the outermost ``try`` around the plugin run of ``entry``.

    ``is_last`` if what it raises leaves the entry; ``is_alone`` if it alone keeps what the run raises from doing so.
    """

    entry: Entry
    node: ast.ExceptHandler
    is_last: bool
    is_alone: bool

    def led(self, *lines: str) -> Changes:
        """``lines`` before its first statement."""
        return Changes(self.entry.scope.module).change_statement(self.node.body[0], below(*lines))

    @property
    def answer(self) -> str:
        """What the entry returns with an error, for one that is no envelope: ``%s``."""
        scope = self.entry.scope
        pairs = [
            value
            for value in scope.module.bound(scope).returns
            if isinstance(value, ast.Tuple) and len(value.elts) == 2
        ]
        return "return {}, %s" if pairs else "return %s"


def caught_at_the_runner(ground: Ground) -> Iterator[Mutant]:
    """``try`` around a call of the runner."""
    call = _statement(ground, lambda call: call.runs, "the runner")
    yield _tried(call, "GOV301", "a call of the runner is inside a `try`", "except KeyError:\n    raise")


def caught_above(ground: Ground) -> Iterator[Mutant]:
    """A broad ``try`` around another governed call."""
    call = _statement(ground, lambda call: not call.runs and not call.deferred, "a service")
    does = "a call of a layer is inside a broad `try`"
    yield _tried(call, "GOV302", does, "except Exception:\n    raise")


def escaping(ground: Ground) -> Iterator[Mutant]:
    """The handler raises, or is narrower than ``Exception``."""
    handler = _handler(ground)
    if not handler.is_last:
        raise NotApplicable("a decorator or a `return` in a `finally` catches what the handler would raise")
    yield mutant("GOV303", "the handler raises", handler.led("raise"))
    if handler.is_alone and handler.node.type is not None:
        changes = Changes(handler.entry.scope.module).change(handler.node.type, written("LookupError"))
        does = "the handler covers `LookupError` only"
        yield mutant("GOV303", does, changes, at=path_of_run(handler.entry))


def raw(ground: Ground) -> Iterator[Mutant]:
    """The handler returns the text of the exception."""
    handler = _handler(ground)
    text = f"str({handler.node.name})"
    if handler.node.name is None:
        text = "traceback.format_exc()"
    lines = [*(["import traceback"] if handler.node.name is None else []), handler.answer % text]
    yield mutant("GOV304", "the text of the exception is returned", handler.led(*lines))


def malformed(ground: Ground) -> Iterator[Mutant]:
    """An envelope lacks a field."""
    ground.demand_choke_point()
    for scope in ground.classes_below_the_api()[:1]:
        lines = (
            f"class {NAME}({scope.name}):",
            "    def answer(self):",
            '        return {"error": {"type": "Mutant", "message": "it failed"}}',
        )
        yield ground.added("GOV305", "an envelope without its other fields", *lines, at=scope.module)
    for _, step, call in ground.calls(ENVELOPE):
        for atom in ground.program.evaluate(call.func, step.act.scope, step.act.frame):
            key = _key_of(atom.scope.node, "timestamp") if isinstance(atom, Function) else None
            if key is not None and isinstance(atom, Function):
                changes = Changes(atom.scope.module).change(key, written('"time"'))
                yield mutant("GOV305", f"`{atom.scope.name}` builds one without `timestamp`", changes)
                return


def unwrapped(ground: Ground) -> Iterator[Mutant]:
    """The handler returns an error that is no envelope."""
    handler = _handler(ground)
    changes = handler.led(handler.answer % '{"failed": True}')
    yield mutant("GOV306", "the handler returns no envelope", changes)


def _statement(ground: Ground, fits: Callable[[GovernedCall], bool], what: str) -> GovernedCall:
    """The first governed call outside the choke point that fits, in a statement of its own."""
    for call in ground.governed:
        module = call.scope.module
        statement = module.statement(call.node)
        inside = ground.layers.of(call.scope) == ground.layers.last
        known = call.layer is not None or call.runs
        if fits(call) and known and not call.handed and not inside and is_alone(module, statement):
            return call
    raise NotApplicable(f"no call of {what} is a statement of its own")


def _tried(call: GovernedCall, code: str, does: str, handler: str) -> Mutant:
    module = call.scope.module
    return mutant(code, does, Changes(module).change_statement(module.statement(call.node), tried(handler)))


def _handler(ground: Ground) -> _Handler:
    for entry in ground.entries:
        scope = entry.scope
        if entry.generates:
            continue
        for step in entry.runs:
            place: ast.AST | None = step.node
            for act in step.act.stack():
                if act.scope is scope:
                    break
                place = act.call
            around = tries_around(scope.module, place) if place is not None else ()
            tries = [each for each in around if each.handlers]
            if not tries:
                continue
            handlers = tries[-1].handlers
            wide = [each for each in handlers if catches_all(each)]
            chosen = (wide or handlers)[0]
            is_last = entry.ways.act.scope is scope and not _returns_finally(entry)
            if begins_line(scope.module, chosen.body[0]):
                return _Handler(entry, chosen, is_last, len(tries) == len(wide) == 1)
    raise NotApplicable(
        "no entry has a `try` of its own around the plugin run, with a handler on its own lines"
    )


def _returns_finally(entry: Entry) -> bool:
    """Whether a ``finally`` of ``entry`` returns, so that no exception leaves it."""
    finals = [each for node in ast.walk(entry.scope.node) for each in getattr(node, "finalbody", ())]
    return any(isinstance(node, ast.Return) for each in finals for node in ast.walk(each))


def _key_of(function: ast.AST, text: str) -> ast.expr | None:
    """The key ``text`` of a dict display in ``function``."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and key.value == text:
                    return key
    return None
