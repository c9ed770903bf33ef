"""Which keys have surely been taken out of a variable's dict, or replaced, before a use of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.survey import folding
from phase12_lint.survey.frames import Frame, shape_of
from phase12_lint.survey.loads import bases
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.values import Function

_BLOCKS = ("body", "orelse", "finalbody")
_DEEPEST = 2


def removed(program: Program, use: ast.Name, scope: Scope, frame: Frame | None, depth: int = 0) -> set[str]:
    """The keys that a statement which always runs before ``use`` has removed from what it is, or set anew."""
    keys: set[str] = set()
    for statement in earlier(scope, use):
        for name, taken in _taken_out(program, statement, scope, frame, depth):
            if name.id == use.id and _same_variable(scope, name, use):
                keys |= taken
    return keys


def earlier(scope: Scope, node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of ``scope`` that stand before the one with ``node``, in its block or one around it."""
    parents = scope.module.parents
    current = node
    while current is not scope.node and current in parents:
        parent = parents[current]
        for name in _BLOCKS:
            block = getattr(parent, name, None)
            if isinstance(block, list) and current in block:
                for statement in block[: block.index(current)]:
                    yield from _straight(statement)
        current = parent


def _straight(statement: ast.stmt) -> Iterator[ast.stmt]:
    """``statement``, and what in it always runs."""
    yield statement
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        for inner in statement.body:
            yield from _straight(inner)


def _taken_out(
    program: Program, statement: ast.stmt, scope: Scope, frame: Frame | None, depth: int
) -> Iterator[tuple[ast.Name, set[str]]]:
    targets: list[ast.expr] = []
    if isinstance(statement, (ast.Delete, ast.Assign)):
        targets = statement.targets
    for target in targets:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            yield target.value, _keys(program, target.slice, scope, frame)
    call = getattr(statement, "value", None)
    if isinstance(call, ast.Call):
        yield from _by_call(program, call, scope, frame, depth)


def _by_call(
    program: Program, call: ast.Call, scope: Scope, frame: Frame | None, depth: int
) -> Iterator[tuple[ast.Name, set[str]]]:
    func = call.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        if func.attr == "pop" and call.args:
            yield func.value, _keys(program, call.args[0], scope, frame)
        elif func.attr == "clear":
            yield func.value, {"error", "_internal"}
    names = [argument for argument in call.args if isinstance(argument, ast.Name)]
    if not names or depth >= _DEEPEST:
        return
    for atom in program.evaluate(func, scope, frame):
        if isinstance(atom, Function):
            called = program.call_frame(atom, call, shape_of(call, scope, frame), frame)
            if called is not None:
                for name in names:
                    yield name, _by_callee(program, called, name, depth + 1)


def _by_callee(program: Program, called: Frame, given: ast.Name, depth: int) -> set[str]:
    """What the body of the function that ``given`` is handed to always takes out of it."""
    inner = called.scope
    parameters = {name for name, bound in called.bound.items() if any(a.node is given for a in bound)}
    keys: set[str] = set()
    for statement in getattr(inner.node, "body", ()) if parameters else ():
        for each in _straight(statement):
            for name, taken in _taken_out(program, each, inner, called, depth):
                if name.id in parameters:
                    keys |= taken
    return keys


def _keys(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> set[str]:
    known = folding.strings(program.evaluate(node, scope, frame))
    return set(known) if len(known) == 1 else set()


def _same_variable(scope: Scope, one: ast.Name, other: ast.Name) -> bool:
    definitions = scope.module.definitions
    return set(bases(definitions.get(one, ()))) == set(bases(definitions.get(other, ())))
