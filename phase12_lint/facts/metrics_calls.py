"""How the choke point calls the metrics update: what GOV404 and GOV406 judge."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phase12_lint.calls.policy_calls import names_one_of
from phase12_lint.execution.entries import Entry, entries
from phase12_lint.execution.places import key_of, place_of
from phase12_lint.execution.roles import UPDATE
from phase12_lint.execution.steps import Activation, Step
from phase12_lint.values.atoms import Atom, ClassRef, Container, Function, Instance, Partial, Text
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.enumerations import names_of
from phase12_lint.values.evidence import describe
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

ARGUMENTS = ("plugin_name", "state", "elapsed_ms", "had_error")
MEASURED = ARGUMENTS[2:]


@dataclass(frozen=True, slots=True)
class UpdateCall(Fact):
    """A call of the metrics update. ``wrong`` says what keeps it from being a call with ``ARGUMENTS``, ``literal``
    names what is measured but written out, ``states`` are the texts that its state may be and that are no states.
    """

    wrong: tuple[str, ...]
    literal: tuple[str, ...]
    states: tuple[str, ...]


def updates(program: Program) -> Iterator[Fact]:
    """Every call of the metrics update in an entry."""
    calls: dict[ast.AST, list[tuple[Entry, Step]]] = {}
    for entry in program.once(entries):
        for step in entry.ways.with_role(UPDATE):
            if step.node is not None:
                calls.setdefault(step.node, []).append((entry, step))
    for call, steps in calls.items():
        assert isinstance(call, ast.Call)
        yield _fact(program, call, steps)


def _fact(program: Program, call: ast.Call, steps: list[tuple[Entry, Step]]) -> Fact:
    """The fact of a call, which a ``finally`` and several entries may reach in several steps."""
    entry, step = steps[0]
    evidence = entry.evidence(describe(call))
    found = arguments_of(program, call, step)
    if found is None:
        return UpdateCall(call, step.act.scope, evidence, True, (), (), ())
    given, wrong = found
    literal = tuple(name for name in MEASURED if name in given and _is_literal(given[name]))
    state = given.get("state")
    texts = {text for each in steps if state is not None for text in _states(*each, state)}
    forbidden = tuple(sorted(texts - set(program.policy.states)))
    return UpdateCall(call, step.act.scope, evidence, True, tuple(wrong), literal, forbidden)


def arguments_of(
    program: Program, call: ast.Call, step: Step
) -> tuple[dict[str, ast.expr], list[str]] | None:
    """The arguments by name, and what is wrong with them; None where a star hides them."""
    positional, keywords, callee = list(call.args), list(call.keywords), call.func
    entries_ = program.policy.metrics_update
    if not names_one_of(program, call.func, step.act.scope, step.act.frame, entries_):
        at = next(
            index
            for index, node in enumerate(positional)
            if names_one_of(program, node, step.act.scope, step.act.frame, entries_)
        )
        callee, positional = positional[at], positional[at + 1 :]
    for made in _partials(program, callee, step):
        callee, positional, keywords = made.args[0], made.args[1:] + positional, made.keywords + keywords
    written = _spread_out(program, positional, step)
    named = _named(program, keywords, step)
    if written is None or named is None:
        return None
    names = list(ARGUMENTS)
    own, unbound = _signature(program, callee, step)
    if unbound:
        written = written[1:]
    given = dict(zip(names, written))
    wrong = [f"`{describe(node)}` is one argument too many" for node in written[len(names) :]]
    for key, value in named:
        name = names[own.index(key)] if key in own[: len(names)] else key
        if name not in names:
            wrong.append(f"it has no argument `{key}`")
        elif name in given:
            wrong.append(f"`{name}` is given twice")
        given[name] = value
    wrong += [f"`{name}` is missing" for name in names if name not in given]
    return given, wrong


def _partials(program: Program, callee: ast.expr, step: Step) -> Iterator[ast.Call]:
    """The calls of ``partial`` that have put arguments before those of a call of ``callee``, the last one first."""
    found: set[ast.Call] = set()
    while True:
        made = {
            atom.site.node
            for atom in program.evaluate(callee, step.act.scope, step.act.frame)
            if isinstance(atom, Partial) and isinstance(atom.site.node, ast.Call)
        }
        if len(made) != 1 or made <= found:
            return
        found |= made
        yield (call := made.pop())
        callee = call.args[0]


def _spread_out(program: Program, nodes: Sequence[ast.expr], step: Step) -> list[ast.expr] | None:
    """``nodes`` with the items of what is written out in the place of a star; None where that is not known."""
    found: list[ast.expr] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            found.append(node)
            continue
        display = _written_out(program, node.value, step)
        items = display.elts if isinstance(display, (ast.Tuple, ast.List)) else [node]
        if any(isinstance(item, ast.Starred) for item in items):
            return None
        found += items
    return found


def _named(
    program: Program, keywords: Sequence[ast.keyword], step: Step
) -> list[tuple[str, ast.expr]] | None:
    """``keywords`` with the items of what is written out in the place of ``**``; None where that is not known."""
    found: list[tuple[str, ast.expr]] = []
    for keyword in keywords:
        if keyword.arg is not None:
            found.append((keyword.arg, keyword.value))
            continue
        display = _written_out(program, keyword.value, step)
        if isinstance(display, ast.Call) and not display.args:  # of ``dict``
            named = _named(program, display.keywords, step)
            if named is None:
                return None
            found += named
            continue
        if not isinstance(display, ast.Dict):
            return None
        for key, value in zip(display.keys, display.values):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            found.append((key.value, value))
    return found


def _written_out(program: Program, node: ast.expr, step: Step) -> ast.AST | None:
    """The display that ``node`` is, in the same function and with nothing put into it later."""
    value = program.evaluate(node, step.act.scope, step.act.frame)
    made = {atom.made for atom in value if isinstance(atom, Container)}
    site = made.pop() if len(made) == len(value) == 1 else None
    if site is None or site.scope is not step.act.scope or program.ask(("mutations", site)):
        return None
    return site.node


def _signature(program: Program, callee: ast.expr, step: Step) -> tuple[Sequence[str], bool]:
    """What the update's own parameters are called, and whether it is called on its class, the receiver first."""
    for atom in sorted(program.evaluate(callee, step.act.scope, step.act.frame), key=hash):
        if isinstance(atom, Function):
            scope = atom.scope.module.bound(atom.scope)
            names = [param.node.arg for param in scope.params]
            method = takes_receiver(scope)
            return names[1:] if method else names, method and atom.receiver is None
    owner = (
        program.evaluate(callee.value, step.act.scope) if isinstance(callee, ast.Attribute) else frozenset()
    )
    return ARGUMENTS, any(isinstance(atom, ClassRef) and not atom.reflected for atom in owner)


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _states(entry: Entry, step: Step, state: ast.expr) -> Iterator[str]:
    """What ``state`` may be where ``step`` stands, as far as it is written out."""
    for node, act in _behind(entry, step, state):
        if _is_of_any_member(entry.program, node, act):
            continue
        for atom in entry.program.evaluate(node, act.scope, act.frame):
            yield from _texts(entry.program, atom)


def _is_of_any_member(program: Program, node: ast.expr, act: Activation) -> bool:
    """Whether ``node`` is the value of a member of an enumeration that is not known: ``State[name].value``."""
    owners = program.evaluate(node.value, act.scope, act.frame) if isinstance(node, ast.Attribute) else ()
    return any(
        isinstance(each, Instance)
        and each.site is None
        and isinstance(each.cls, ClassInfo)
        and each.cls.is_enum(program)
        for each in owners
    )


def _behind(entry: Entry, step: Step, state: ast.expr) -> Iterator[tuple[ast.expr, Activation]]:
    """``state`` itself, and what the attribute or item that it is was set to on the ways to ``step``."""
    yield state, step.act
    name = place_of(state)
    if name is not None and "." in name:
        for value, act, path in entry.environments.get(step, {}).get(key_of(name, step.act), ()):
            if value is not None and not path:
                yield value, act


def _texts(program: Program, atom: Atom) -> Iterator[str]:
    """The state that ``atom`` writes out: a text, or a member of an enumeration by its value, else by its name."""
    if isinstance(atom, Text):
        yield atom.text
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo) or not atom.cls.is_enum(program):
        return
    value = atom.site.node if atom.site is not None else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    else:
        yield from names_of(atom)


OF_THE_PROGRAM = (updates,)
