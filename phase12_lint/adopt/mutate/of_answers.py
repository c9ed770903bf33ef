"""What a route does with the result and the error of a governed call (GOV6)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.adopt.mutate.ground import NAME, Ground, first_of, mutant
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import below, followed_by, written
from phase12_lint.inspect.statements import begins_line, is_alone
from phase12_lint.syntax.scopes import Scope

_MODEL = "response_model"
_RAW = f"""\
try:
    open("{NAME}")
except OSError as {NAME}:
    return {{"detail": str({NAME})}}
"""


class _Pair(NamedTuple):
    """Where a route takes the pair that a governed call gives apart."""

    route: Scope
    statement: ast.Assign
    result: ast.Name
    error: ast.Name


def raw(ground: Ground) -> Iterator[Mutant]:
    """A route answers with the text of an exception."""
    for route in ground.routes:
        first = first_of(route)
        if begins_line(route.module, first):
            does = f"`{route.name}` answers with the text of an exception"
            yield mutant("GOV601", does, Changes(route.module).change_statement(first, below(_RAW)))
            return
    raise NotApplicable("the program has no route")


def wrong_status(ground: Ground) -> Iterator[Mutant]:
    """The error leaves as if it were a success."""
    pair = _pair(ground)
    error = pair.error.id
    line = f'if {error}: return {error}["error"]'
    yield mutant("GOV602", f"`{pair.route.name}` returns the error in a plain return", _after(pair, line))


def ignored(ground: Ground) -> Iterator[Mutant]:
    """The error is not looked at."""
    pair = _pair(ground)
    changes = _after(pair, f"{pair.error.id} = None").change(pair.error, written(f"{NAME}_error"))
    yield mutant("GOV603", f"`{pair.route.name}` does not test the error", changes)


def leaked(ground: Ground) -> Iterator[Mutant]:
    """The envelope leaves with its internal part."""
    pair = _pair(ground)
    line = f"if {pair.error.id}: return {pair.error.id}"
    yield mutant("GOV604", f"`{pair.route.name}` returns the whole envelope", _after(pair, line))


def bare(ground: Ground) -> Iterator[Mutant]:
    """The result leaves without anything around it."""
    pair = _pair(ground)
    changes = _after(pair, f"if not {pair.error.id}: return {pair.result.id}")
    node = pair.route.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if node.returns is not None:
        changes.change(node.returns, written("object"))
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == _MODEL:
                    changes.change(keyword.value, written("None"))
    yield mutant("GOV605", f"`{pair.route.name}` returns the bare result", changes)


def _after(pair: _Pair, line: str) -> Changes:
    return Changes(pair.route.module).change_statement(pair.statement, followed_by(line))


def _pair(ground: Ground) -> _Pair:
    for call in ground.governed:
        statement = call.scope.module.statement(call.node)
        if call.scope not in ground.routes or not isinstance(statement, ast.Assign):
            continue
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        names = statement.targets[0].elts if isinstance(statement.targets[0], ast.Tuple) else []
        if value is call.node and len(names) == 2 and is_alone(call.scope.module, statement):
            result, error = names
            if isinstance(result, ast.Name) and isinstance(error, ast.Name):
                return _Pair(call.scope, statement, result, error)
    raise NotApplicable("no route unpacks the pair that a governed call returns in a statement of its own")
