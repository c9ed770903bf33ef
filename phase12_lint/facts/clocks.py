"""Elapsed time that the choke point takes from a clock that can step: what GOV405 judges."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from phase12_lint.execution.entries import Entry, entries
from phase12_lint.execution.origins import origins
from phase12_lint.execution.reach import Reach
from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values.atoms import External, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Frame
from phase12_lint.values.models import FACTORY_KEYWORDS
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program
from phase12_lint.values.subclasses import makers

_STEPPING = {
    *("time.time", "time.time_ns", "datetime.datetime.now", "datetime.datetime.utcnow"),
    "datetime.datetime.today",
}
_NOW = {"now", "utcnow"}
_CHOSEN = {"time.clock_gettime", "time.clock_gettime_ns"}
_STEPPING_IDS = {"time.CLOCK_REALTIME", "time.CLOCK_TAI"}
_READS = re.compile(rb"\b(?:time\s*\.\s*time|import[^#\n]*\btime|now|utcnow|today|clock_gettime)\b")
STEADY = {
    f"time.{name}{unit}"
    for name in ("monotonic", "perf_counter", "process_time", "thread_time")
    for unit in ("", "_ns")
}


@dataclass(frozen=True, slots=True)
class SteppingClock(Fact):
    """A call of a clock that can step, ``clock``, which feeds a difference taken in ``entry``."""

    entry: str
    clock: str


class _Clock(NamedTuple):
    """A clock by its name, and the scope in which it is read."""

    name: str
    scope: Scope


def clocks(program: Program) -> Iterator[Fact]:
    """Every such call, also of what only the choke point uses to take the time: a stopwatch."""
    found = program.once(entries)
    for entry in found:
        places = dict.fromkeys((step.act.scope, step.act.frame) for step in entry.ways.steps)
        places |= dict.fromkeys(_summarised(entry))
        for scope, frame in places:
            for left, right in _differences(scope):
                yield from _stepping(entry, left, right, scope, frame)
    for scope in _helpers(program) if found else ():
        differences = list(_differences(scope))
        facts = partial(_all_stepping, found[0], differences, scope)
        if differences and program.all_hold(partial(program.is_inside, scope), facts):
            yield from facts()


def _summarised(entry: Entry) -> Iterator[tuple[Scope, Frame | None]]:
    """The choke point's functions that the ways do not enter and that take a difference, with each of their calls."""
    for scope in entry.program.once(Reach).own_called(entry.ways.act.scope):
        if scope not in entry.ways.executed and any(True for _ in _differences(scope)):
            frames = entry.program.ask(("frames", scope))
            yield from ((scope, frame) for frame in sorted(frames, key=frame_order))
            if not frames:
                yield scope, None


def _helpers(program: Program) -> Iterator[Scope]:
    """The functions outside the choke point's own code that may read a clock that can step."""
    for module in program.project.modules_matching(_READS):
        for scopes in module.functions.values():
            yield from (scope for scope in scopes if not program.choke.holds(scope))


def _differences(scope: Scope) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The two sides of every subtraction in the body of ``scope`` itself."""
    for operation in scope.module.operations.get("__sub__", ()):
        if scope.module.scopes[operation.node] is scope:
            yield operation.owner, operation.given[0]


def _all_stepping(
    entry: Entry, differences: Iterable[tuple[ast.expr, ast.expr]], scope: Scope
) -> list[SteppingClock]:
    """Those of a function, and of what each of its calls gives it where it reads a clock itself."""
    found: dict[ast.AST, SteppingClock] = {}
    for left, right in differences:
        reads = any(_read(entry.program, side, scope, None) for side in (left, right))
        frames = entry.program.ask(("frames", scope)) if reads and scope.params else ()
        for frame in (None, *sorted(frames, key=frame_order)):
            found |= {fact.node: fact for fact in _stepping(entry, left, right, scope, frame)}
    return list(found.values())


def _stepping(
    entry: Entry, left: ast.expr, right: ast.expr, scope: Scope, frame: Frame | None
) -> Iterator[SteppingClock]:
    """The clocks of a difference, if both its sides come from one."""
    sides = [_read(entry.program, side, scope, frame) for side in (left, right)]
    if any(sides):
        sides = [read or _kept(entry.program, side, scope, frame) for read, side in zip(sides, (left, right))]
    if not all(sides):
        return
    for call, clock in {**sides[0], **sides[1]}.items():
        if clock.name not in STEADY and not _is_named_steady(entry.program, call, clock):
            evidence = entry.evidence(describe(call))
            yield SteppingClock(call, clock.scope, evidence, True, entry.name, clock.name)


def _read(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> dict[ast.expr, _Clock]:
    """The clocks that ``node`` is made from, by the calls that read them."""
    found: dict[ast.expr, _Clock] = {}
    for origin, where in origins(program, [node], scope, frame, follows=lambda function: True).items():
        if isinstance(origin, ast.Call):
            for atom in program.evaluate(origin.func, where):
                if isinstance(atom, External) and _is_clock(atom.name):
                    found[origin] = _Clock(atom.name, where)
    return found


def _kept(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> dict[ast.expr, _Clock]:
    """The clocks whose readings the objects of which ``node`` reads an attribute got when they were made, for a run."""
    found: dict[ast.expr, _Clock] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            for atom in sorted(program.evaluate(part.value, scope, frame), key=hash):
                if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
                    found |= _from_making(program, atom.cls, part.attr)
    return found


def _from_making(program: Program, cls: ClassInfo, name: str) -> dict[ast.expr, _Clock]:
    found: dict[ast.expr, _Clock] = {}
    made = [site for site in makers(program, cls) if _is_of_a_run(program, site.scope)]
    for each in cls.ancestors(program) if made else ():
        if isinstance(each, ClassInfo):
            found |= _stored(program, each, name)
    for site in made if name in (cls.fields(program) or ()) else ():
        if isinstance(site.node, ast.Call):
            for given in (*site.node.args, *(keyword.value for keyword in site.node.keywords)):
                if cls.takes(program, name, site.node, given):
                    found |= _read(program, given, site.scope, None)
    return found


def _is_of_a_run(program: Program, scope: Scope) -> bool:
    """Whether what is made in ``scope`` is made while the choke point runs, and not with it."""
    made_with = scope.method is not None and scope.method.name == "__init__"
    return scope.is_function and not made_with and program.is_inside(scope)


def _stored(program: Program, cls: ClassInfo, name: str) -> dict[ast.expr, _Clock]:
    """The clocks that ``__init__``, or the factory of a field, stores as ``name`` of an object of ``cls``."""
    found: dict[ast.expr, _Clock] = {}
    for store, where in cls.writes().get(name, ()):
        source = source_of(where, store)
        if source is not None and where.method is not None and where.method.name == "__init__":
            frames = sorted(program.ask(("frames", where)), key=frame_order)
            for frame in (None, *frames):
                found |= _read(program, source[0], where, frame)
    for definition in cls.module.bound(cls.scope).bindings.get(name, ()):
        value = definition.value if isinstance(definition, Assigned) else None
        for keyword in value.keywords if isinstance(value, ast.Call) else ():
            if keyword.arg in FACTORY_KEYWORDS:
                if isinstance(keyword.value, ast.Lambda):
                    found |= _read(program, keyword.value.body, cls.scope, None)
                for atom in program.evaluate(keyword.value, cls.scope):
                    if isinstance(atom, External) and _is_clock(atom.name):
                        found[keyword.value] = _Clock(atom.name, cls.scope)
    return found


def _is_clock(name: str) -> bool:
    return name in _STEPPING | STEADY | _CHOSEN or name.rpartition(".")[2] in _NOW


def _is_named_steady(program: Program, call: ast.expr, clock: _Clock) -> bool:
    """Whether ``call`` reads the clock that its argument names, and that clock cannot step."""
    if clock.name not in _CHOSEN or not isinstance(call, ast.Call) or not call.args:
        return False
    chosen = program.evaluate(call.args[0], clock.scope)
    return not any(isinstance(atom, External) and atom.name in _STEPPING_IDS for atom in chosen)


OF_THE_PROGRAM = (clocks,)
