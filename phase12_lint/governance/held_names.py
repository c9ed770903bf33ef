"""What a name holds: its definitions, the way that each takes out of a value, and what tests and removals leave."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.governance.exceptions import caught
from phase12_lint.governance.holdings import (
    NONE_HELD,
    Holdings,
    Step,
    iterated,
    join,
    rest,
    taken,
    under,
    without,
)
from phase12_lint.governance.removals import changes
from phase12_lint.survey import folding
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.frames import Frame
from phase12_lint.survey.ordering import frame_order
from phase12_lint.survey.parameters import takes_receiver
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Assigned, Definition, Param, Path, Phi, Raw, Refined, Scope, Test
from phase12_lint.survey.values import Instance, Text, Value

if TYPE_CHECKING:
    from phase12_lint.governance.held import Held

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def name(held: Held, node: ast.Name, scope: Scope, frame: Frame | None) -> Holdings:
    """What the name ``node`` holds where it is read."""
    scope.module.bound(scope)
    definitions = scope.module.definitions.get(node)
    if definitions:
        found = join(held.after(definition, frame) for definition in definitions)
        changed = changes(held.program, node, scope, frame)
        added = (
            under(held.of(value, scope, frame), key) for key, value in changed.items() if value is not None
        )
        return without(found, changed) | join(added)
    return _of_outer(held, node.id, scope, frame)


def _of_outer(held: Held, identifier: str, scope: Scope, frame: Frame | None) -> Holdings:
    """A variable of an enclosing function, at any time."""
    where = frame
    for outer in scope.chain():
        outer.module.bound(outer)
        if outer.kind == "module" or identifier in outer.declared_global:
            return NONE_HELD
        if (
            identifier in outer.bindings
            and identifier not in outer.declared_nonlocal
            and outer.kind != "class"
        ):
            return join(held.after(definition, where) for definition in outer.bindings[identifier])
        if outer.is_function:
            where = where.closure if where is not None else None
    return NONE_HELD


def after(held: Held, definition: Definition, frame: Frame | None) -> Holdings:
    """What a name holds right after ``definition``."""
    if isinstance(definition, Param):
        return _parameter(held, definition, frame)
    if isinstance(definition, Assigned):
        return _assigned(held, definition, frame)
    if isinstance(definition, Refined):
        if _empties(definition.test, definition.positive):
            return NONE_HELD
        return join(held.after(before, frame) for before in definition.previous)
    if isinstance(definition, Phi):
        return join(held.after(before, frame) for before in definition.previous)
    if isinstance(definition, Raw):
        if isinstance(definition.node, ast.Name):
            return _of_outer(held, definition.node.id, definition.scope, frame)
        if isinstance(definition.node, ast.Attribute):
            return held.raw_attribute(definition.node, definition.scope, frame)
    return NONE_HELD


def _empties(test: Test, positive: bool) -> bool:
    """Whether the outcome of ``test`` leaves nothing but None, something empty or a constant."""
    if test.kind == "none":
        return positive
    if test.kind == "true":
        return not positive
    return (
        positive and test.kind == "pattern" and isinstance(test.operand, (ast.MatchSingleton, ast.MatchValue))
    )


def _assigned(held: Held, definition: Assigned, frame: Frame | None) -> Holdings:
    if isinstance(definition.node, ast.ExceptHandler):
        return caught(definition.node, definition.scope)
    if definition.value is None:
        return NONE_HELD
    return held.along(definition.value, definition.path, definition.scope, frame)


def _parameter(held: Held, param: Param, frame: Frame | None) -> Holdings:
    if param.node in held.handled:
        return caught(param.node, param.scope)
    if frame is not None and frame.scope is param.scope:
        return _given(held, param, frame)
    if param.scope.parent is None or not param.scope.parent.is_function:
        return NONE_HELD
    frames = sorted(held.program.ask(("frames", param.scope)), key=frame_order)
    return join(_given(held, param, call) for call in frames)


def _given(held: Held, param: Param, frame: Frame) -> Holdings:
    """What the call ``frame`` passes for ``param``."""
    if param.kind == "star":
        return join(
            held.argument(argument) if argument.spread else under(held.argument(argument), position)
            for position, argument in enumerate(frame.extra)
        )
    if param.kind == "starstar":
        return join(
            under(held.argument(argument), key) if key else held.argument(argument)
            for key, argument in frame.extra_keywords
        )
    if param.index == 0 and frame.receiver is not None and takes_receiver(param.scope):
        return _receiver(held, frame)
    return join(held.argument(argument) for argument in frame.bound.get(param.node.arg, ()))


def _receiver(held: Held, frame: Frame) -> Holdings:
    """``self`` where a method is called on what holds something."""
    site, where = frame.site, frame.shape.where
    if isinstance(site, ast.Call) and isinstance(site.func, ast.Attribute) and where is not None:
        return held.of(site.func.value, where, frame.caller)
    return NONE_HELD


# paths


def along(
    held: Held, found: Holdings, node: ast.expr, path: Path, scope: Scope, frame: Frame | None
) -> Holdings:
    """What ``path`` takes out of ``found``, the holdings of ``node``."""
    for position, (kind, step) in enumerate(path):
        if not found:
            break
        if kind == "element":
            found = iterated(found)
        elif kind == "index" and isinstance(step, int):
            value = held.program.take(node, path[:position], scope, frame)
            found = at(held.program, found, value, step)
        elif kind == "rest" and isinstance(step, int):
            found = rest(found, step)
        elif kind == "key":
            found = taken(found, step if isinstance(step, str) else None)
        elif kind == "attribute":
            found = _field(held, found, node, path[:position], str(step), scope, frame)
        elif kind == "extension":
            found = taken(found, None)
        elif kind == "match_argument" and isinstance(step, int):
            found = at(held.program, found, held.program.take(node, path[:position], scope, frame), step)
        elif kind not in ("enter", "narrow"):
            found = NONE_HELD
    return found


def at(program: Program, found: Holdings, value: Value, index: int) -> Holdings:
    """Position ``index``; of an object its field there."""
    names = [fields[index] for fields in _fields(program, value) if -len(fields) <= index < len(fields)]
    return taken(found, index) | join(taken(found, each) for each in names)


def _field(
    held: Held, found: Holdings, node: ast.expr, path: Path, attribute: str, scope: Scope, frame: Frame | None
) -> Holdings:
    value = held.program.take(node, path, scope, frame)
    return held.attribute_of(found, value, attribute)


def position_of(program: Program, value: Value, attribute: str) -> int | None:
    """The position of field ``attribute`` in the named tuple or record that ``value`` is."""
    for fields in _fields(program, value):
        if attribute in fields:
            return fields.index(attribute)
    return None


def _fields(program: Program, value: Value) -> Iterator[list[str]]:
    for atom in value:
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
            fields = atom.cls.fields(program)
            if fields:
                yield fields


# what a test on a key lets through


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
        if each.way and (_passes(held.program, tests, variable, each.way[0], scope, frame))
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
    tests = list(_tests_around(scope, index))
    steps: dict[Step, None] = {each.way[0]: None for each in owner if each.way}
    return [
        step for step in sorted(steps, key=str) if _passes(held.program, tests, index.id, step, scope, frame)
    ]


def _tests_around(scope: Scope, use: ast.Name) -> Iterator[ast.expr]:
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


def _passes(
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
    return {atom.text for atom in value} if value and all(isinstance(a, Text) for a in value) else None


def _is_method_of(call: ast.Call, variable: str) -> bool:
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == variable
