"""What a route does with the result and the error of a governed call (GOV6)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.adopt.mutate.edits import Edits
from phase12_lint.adopt.mutate.ground import NAME, Ground, mutant
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.syntax.scopes import Scope

_MODEL = "response_model"


class _Pair(NamedTuple):
    """Where a route takes the pair that a governed call gives apart."""

    route: Scope
    statement: ast.Assign
    result: ast.Name
    error: ast.Name


def raw(ground: Ground) -> Iterator[Mutant]:
    """A route answers with the text of an exception."""
    for route in ground.routes:
        body = getattr(route.node, "body", [])
        edits = Edits(route.module)
        if edits.begins(body[0]):
            lines = (
                f'try: open("{NAME}")',
                f'except OSError as {NAME}: return {{"detail": str({NAME})}}',
            )
            does = f"`{route.name}` answers with the text of an exception"
            yield mutant("GOV601", does, edits.before(body[0], *lines))
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
    edits = _after(pair, f"{pair.error.id} = None").replace(pair.error, f"{NAME}_error")
    yield mutant("GOV603", f"`{pair.route.name}` does not test the error", edits)


def leaked(ground: Ground) -> Iterator[Mutant]:
    """The envelope leaves with its internal part."""
    pair = _pair(ground)
    line = f"if {pair.error.id}: return {pair.error.id}"
    yield mutant("GOV604", f"`{pair.route.name}` returns the whole envelope", _after(pair, line))


def bare(ground: Ground) -> Iterator[Mutant]:
    """The result leaves without anything around it."""
    pair = _pair(ground)
    edits = _after(pair, f"if not {pair.error.id}: return {pair.result.id}")
    node = pair.route.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if node.returns is not None:
        edits.replace(node.returns, "object")
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == _MODEL:
                    edits.replace(keyword.value, "None")
    yield mutant("GOV605", f"`{pair.route.name}` returns the bare result", edits)


def _after(pair: _Pair, line: str) -> Edits:
    return Edits(pair.route.module).after(pair.statement, line)


def _pair(ground: Ground) -> _Pair:
    for call in ground.governed:
        statement = call.scope.module.statement(call.node)
        if call.scope not in ground.routes or not isinstance(statement, ast.Assign):
            continue
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        names = statement.targets[0].elts if isinstance(statement.targets[0], ast.Tuple) else []
        if value is call.node and len(names) == 2 and Edits(call.scope.module).is_alone(statement):
            result, error = names
            if isinstance(result, ast.Name) and isinstance(error, ast.Name):
                return _Pair(call.scope, statement, result, error)
    raise NotApplicable("no route unpacks the pair that a governed call returns in a statement of its own")
