"""Which keys of a dict get through: what the tests on the key of a loop or comprehension let pass."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import NONE_HELD, Holdings, Step, join, under
from phase12_lint.values import folding
from phase12_lint.values.atoms import Value
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

if TYPE_CHECKING:
    from phase12_lint.taint.carried import Held

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def dict_comprehension(held: Held, node: ast.DictComp, scope: Scope, frame: Frame | None) -> Holdings:
    """``{k: v for k, v in d.items() if ...}`` keeps the keys that the tests let through."""
    copied = _copied(node)
    if copied is None:
        key: Sequence[Step] = folding.strings(held.program.evaluate(node.key, scope, frame)) or [None]
        value = held.of(node.value, scope, frame)
        return join(under(value, step) for step in key) if value else NONE_HELD
    source, variable = copied
    tests = node.generators[0].ifs
    kept = (
        each
        for each in held.of(source, scope, frame)
        if each.way and (passes(held.program, tests, variable, each.way[0], scope, frame))
    )
    return frozenset(kept)


def _copied(node: ast.DictComp) -> tuple[ast.expr, str] | None:
    """The dict that a comprehension over its items copies, and the name of the key."""
    if (
        len(node.generators) != 1
        or not isinstance(node.key, ast.Name)
        or not isinstance(node.value, ast.Name)
    ):
        return None
    target, source = node.generators[0].target, node.generators[0].iter
    if not isinstance(target, ast.Tuple) or [getattr(t, "id", "") for t in target.elts] != [
        node.key.id,
        node.value.id,
    ]:
        return None
    if (
        isinstance(source, ast.Call)
        and isinstance(source.func, ast.Attribute)
        and source.func.attr == "items"
    ):
        return source.func.value, node.key.id
    return None


def admitted(
    held: Held, index: ast.Name, scope: Scope, frame: Frame | None, owner: Holdings
) -> Sequence[Step]:
    """The keys of ``owner`` that the variable ``index`` of a loop or comprehension may be."""
    tests = list(tests_around(scope, index))
    steps: dict[Step, None] = {each.way[0]: None for each in owner if each.way}
    return [
        step for step in sorted(steps, key=str) if passes(held.program, tests, index.id, step, scope, frame)
    ]


def tests_around(scope: Scope, use: ast.Name) -> Iterator[ast.expr]:
    """The conditions that hold where ``use`` stands."""
    parents = scope.module.parents
    node: ast.AST = use
    while node is not scope.node and node in parents:
        parent = parents[node]
        if isinstance(parent, Comprehension):
            for generator in parent.generators:
                yield from generator.ifs
        elif isinstance(parent, (ast.If, ast.IfExp)) and _is_in(node, parent.body):
            yield parent.test
        node = parent


def _is_in(node: ast.AST, body: ast.expr | list[ast.stmt]) -> bool:
    return node in body if isinstance(body, list) else node is body


def passes(
    program: Program, tests: Iterable[ast.expr], variable: str, key: Step, scope: Scope, frame: Frame | None
) -> bool:
    """Whether every test may come out true where ``variable`` is ``key``."""
    return not isinstance(key, str) or all(
        _comes_out(program, test, variable, key, scope, frame) is not False for test in tests
    )


def _comes_out(
    program: Program, test: ast.expr, variable: str, key: str, scope: Scope, frame: Frame | None
) -> bool | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _comes_out(program, test.operand, variable, key, scope, frame)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [_comes_out(program, each, variable, key, scope, frame) for each in test.values]
        decisive = not isinstance(test.op, ast.And)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(test, ast.Call) and _is_method_of(test, variable) and len(test.args) == 1:
        given = folding.strings(program.evaluate(test.args[0], scope, frame))
        name_of = getattr(test.func, "attr", "")
        if len(given) == 1 and name_of in ("startswith", "endswith"):
            return key.startswith(given[0]) if name_of == "startswith" else key.endswith(given[0])
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or getattr(test.left, "id", "") != variable:
        return None
    operator, value = test.ops[0], program.evaluate(test.comparators[0], scope, frame)
    if isinstance(operator, (ast.In, ast.NotIn)):
        value = program.iterate(value)
    known = _texts(value)
    if known is None or not isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
        return None
    return (key in known) is isinstance(operator, (ast.Eq, ast.In))


def _texts(value: Value) -> set[str] | None:
    return {*folding.strings(value)} or None


def _is_method_of(call: ast.Call, variable: str) -> bool:
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == variable
