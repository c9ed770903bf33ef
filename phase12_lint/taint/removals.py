"""Which keys or attributes have surely been taken out of what a variable holds, or set anew, before a use of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from phase12_lint.syntax.before import earlier, straight
from phase12_lint.syntax.scopes import Scope, bases
from phase12_lint.values import folding
from phase12_lint.values.atoms import Function
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program

Found = tuple[ast.Name, dict[str, "ast.expr | None"]]


class Change(NamedTuple):
    """What ``statement`` has set a key to; None if it has taken it out."""

    value: ast.expr | None
    statement: ast.stmt


def changes(program: Program, use: ast.Name, scope: Scope, frame: Frame | None) -> dict[str, Change]:
    """The keys and attributes that statements which always run before ``use`` have taken out of it or set."""
    found: dict[str, Change] = {}
    for statement in reversed(list(earlier(scope, use, None))):
        for name, changed in _changed(program, statement, {use.id}, scope, frame, ()):
            if _same_variable(scope, name, use):
                found |= {key: Change(value, statement) for key, value in changed.items()}
    return found


def _changed(
    program: Program,
    statement: ast.stmt,
    wanted: set[str],
    scope: Scope,
    frame: Frame | None,
    within: tuple[Scope, ...],
) -> Iterator[Found]:
    """Each variable of ``wanted`` out of which ``statement`` takes keys or attributes, or sets them; ``within`` are the
    functions that are being followed.
    """
    if isinstance(statement, (ast.Delete, ast.Assign)):
        for target in statement.targets:
            value = statement.value if isinstance(statement, ast.Assign) else None
            if isinstance(target, ast.Subscript) and _is_one_of(target.value, wanted):
                yield target.value, dict.fromkeys(_keys(program, target.slice, scope, frame), value)
            elif isinstance(target, ast.Attribute) and _is_one_of(target.value, wanted):
                # what methods store in their own object is asked of its class
                yield target.value, {} if is_self(target.value, scope) else {target.attr: value}
    for call in _calls_of(getattr(statement, "value", None)):
        yield from _by_call(program, call, wanted, scope, frame, within)


def _calls_of(node: ast.AST | None) -> Iterator[ast.Call]:
    """The calls that are always made where ``node`` is evaluated: itself, and those among its arguments."""
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        yield from _calls_of(node.value)
    elif isinstance(node, ast.Call):
        for given in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from _calls_of(given)
        yield node


def _by_call(
    program: Program,
    call: ast.Call,
    wanted: set[str],
    scope: Scope,
    frame: Frame | None,
    within: tuple[Scope, ...],
) -> Iterator[Found]:
    func = call.func
    if (
        isinstance(func, ast.Attribute)
        and func.attr == "pop"
        and call.args
        and _is_one_of(func.value, wanted)
    ):
        yield func.value, dict.fromkeys(_keys(program, call.args[0], scope, frame))
    names = [argument for argument in call.args if _is_one_of(argument, wanted)]
    if not names:
        return
    for atom in program.evaluate(func, scope, frame):
        if isinstance(atom, Function) and atom.scope not in within:
            called = program.call_frame(atom, call, shape_of(call, scope, frame), frame)
            if called is not None:
                for name in names:
                    yield name, dict.fromkeys(_taken_by(program, called, name, (*within, atom.scope)))


def _taken_by(program: Program, called: Frame, given: ast.Name, within: tuple[Scope, ...]) -> Iterator[str]:
    """What the body of the function that ``given`` is handed to always takes out of it."""
    inner = called.scope
    parameters = {name for name, bound in called.bound.items() if any(a.node is given for a in bound)}
    body = getattr(inner.node, "body", ())
    for statement in body if parameters and isinstance(body, list) else ():
        for each in straight(statement):
            for _, changed in _changed(program, each, parameters, inner, called, within):
                yield from (key for key, value in changed.items() if value is None)


def _is_one_of(node: ast.expr, names: set[str]) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and node.id in names


def _keys(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> set[str]:
    known = folding.strings(program.evaluate(node, scope, frame))
    return set(known) if len(known) == 1 else set()


def _same_variable(scope: Scope, one: ast.Name, other: ast.Name) -> bool:
    definitions = scope.module.definitions
    return set(bases(definitions.get(one, ()))) == set(bases(definitions.get(other, ())))
