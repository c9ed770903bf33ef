"""How errors leave an entry: what GOV303 and GOV306 judge."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.execution.entries import Entry, entries, hop
from phase12_lint.execution.graph import value_of
from phase12_lint.execution.steps import ERROR, NEXT, Step
from phase12_lint.facts.raw_returns import raw_statements, statement_of
from phase12_lint.facts.validation import silencing
from phase12_lint.taint.handlers import Catch, still_caught
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Fact, RunAccess
from phase12_lint.values.program import Program


@dataclass(frozen=True, slots=True)
class Exposure(Fact):
    """A place from which an ``Exception`` leaves ``entry``. ``raised`` if a handler raises it."""

    entry: str
    raised: bool


@dataclass(frozen=True, slots=True)
class BareReturn(Fact):
    """A ``return`` of ``entry`` to which a handler leads and whose error is no envelope."""

    entry: str


def leaving(program: Program) -> Iterator[Fact]:
    """The facts about errors that leave the entries."""
    for entry in program.once(entries):
        yield from _exposed(entry)
        yield from _raised(entry)
        yield from _returned(entry)


def _exposed(entry: Entry) -> Iterator[Fact]:
    """The plugin run if it is exposed, else the first of the lookup and the validators that is."""
    for run in entry.runs:
        same = [step for step in entry.ways.runs if step.access is run.access]
        if any(entry.is_exposed(each) for step in same for each in (step, *entry.asking(step))):
            fact = entry.fact(run)
            what = fact.written if isinstance(fact, RunAccess) else fact.evidence.what
            yield Exposure(fact.node, fact.scope, entry.evidence(what), True, entry.name, False)
            return
    others = [step for step in _others(entry) if entry.is_exposed(step) and not _only_handlers_raise(step)]
    for step in sorted(others, key=_place)[:1]:
        node, scope = entry.place(step)
        assert isinstance(node, ast.expr)
        yield Exposure(node, scope, entry.evidence(describe(node)), True, entry.name, False)


def _others(entry: Entry) -> Iterator[Step]:
    """The steps of the plugin lookup and of the validators."""
    yield from entry.validators()
    yield from entry.lookup_steps


def _only_handlers_raise(step: Step) -> bool:
    """Whether all that ``step`` raises is raised by handlers of what it calls: these are told themselves."""
    return step.raised is not None and all(raised.handlers for raised in step.raising)


def _place(step: Step) -> tuple[str, int, int]:
    path = step.act.scope.module.path
    return (path, getattr(step.node, "lineno", 0), getattr(step.node, "col_offset", 0))


def _raised(entry: Entry) -> Iterator[Fact]:
    """The ``raise`` statements of handlers, also of functions that are not entered; and the calls of helpers elsewhere
    that always raise, or that raise again what a plugin run, a validator or the lookup raised.
    """
    covering = entry.handlers()
    for step in entry.ways.steps:
        for raised in (step,) if step.kind == "raise" else step.raising:
            caught = (raised.handlers or step.handlers or (None,))[-1]
            if caught is None or not entry.judges(step) or not _leaves(entry, step, raised, caught):
                continue
            node, scope = entry.place(raised)
            elsewhere = not entry.program.is_inside(raised.act.scope)
            if elsewhere and step is not raised:
                if not step.handlers or step.following:
                    continue
                node, scope = entry.place(step)
            elif elsewhere and not (caught in covering or entry.program.is_inside(caught.act.scope)):
                continue
            assert caught.node is not None
            evidence = entry.evidence("raise", hop(caught.act.scope, caught.node, "in this handler"))
            yield Exposure(node, scope, evidence, True, entry.name, True)


def _leaves(entry: Entry, step: Step, raised: Step, handler: Step) -> bool:
    """Whether what is ``raised`` under ``handler`` leaves the entry at ``step``; passing on what is only a
    ``BaseException`` is legal.
    """
    if ERROR in raised.raises:
        return entry.is_exposed(step, raised.raised)
    if not isinstance(handler.node, ast.ExceptHandler):
        return entry.may_stop(step)
    assert raised.node is not None
    act = handler.act
    caught, _ = still_caught(entry.program, handler.node, raised.node, act.scope, act.frame)
    return caught is not Catch.NOTHING and entry.may_stop(step)


def _returned(entry: Entry) -> Iterator[Fact]:
    handlers = entry.handlers()
    raw = entry.program.once(raw_statements)
    silenced = {each for validator in entry.validators() for each in silencing(entry, validator)}
    for handler in (each for each in handlers if each not in silenced):
        reached = entry.after(
            handler, lambda step: (NEXT,) if entry.passes_on(step) and _statement(step) not in raw else ()
        )
        for step, env in reached:
            if not entry.returns(step) or _statement(step) in raw:
                continue
            if not entry.envelopes.holds(value_of(step), step.act, env):
                yield _bare(entry, handler, step)


def _statement(step: Step) -> ast.AST | None:
    """The statement of ``step``, if it gives a value."""
    is_yield = isinstance(step.node, (ast.Yield, ast.YieldFrom))
    return statement_of(step.act.scope, step.node) if is_yield and step.node is not None else step.node


def _bare(entry: Entry, handler: Step, step: Step) -> Fact:
    assert step.node is not None
    assert handler.node is not None
    value = value_of(step)
    ended = step.node is step.act.scope.node or not entry.program.is_inside(step.act.scope)
    node, scope = entry.place(handler) if ended else (step.node, step.act.scope)
    evidence = entry.evidence(
        describe(value) if value is not None else "None",
        hop(handler.act.scope, handler.node, "this handler leads to the return"),
    )
    return BareReturn(node, scope, evidence, True, entry.name)


OF_THE_PROGRAM = (leaving,)
