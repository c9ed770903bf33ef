"""What a name holds: its definitions, the way that each takes out of a value, and what tests and removals leave."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.exits import is_swallowed
from phase12_lint.syntax.scopes import Assigned, Definition, Param, Path, Phi, Raw, Refined, Scope, Test
from phase12_lint.taint.carried_by_keys import passes, tests_around
from phase12_lint.taint.domain import (
    NONE_HELD,
    Holdings,
    entered,
    iterated,
    join,
    rest,
    taken,
    under,
    without,
)
from phase12_lint.taint.exceptions import caught
from phase12_lint.taint.guards import without_refuted
from phase12_lint.taint.handlers import is_exception
from phase12_lint.taint.narrowed import left_by_test
from phase12_lint.taint.removals import changes
from phase12_lint.values.atoms import Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.injection import called_for
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.program import Program

if TYPE_CHECKING:
    from phase12_lint.taint.carried import Held


def name(held: Held, node: ast.Name, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    """What the name ``node`` holds where it is read."""
    scope.module.bound(scope)
    return without_refuted(held, _named(held, node, scope, frame, at), node, scope, frame)


def _named(held: Held, node: ast.Name, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    definitions = scope.module.definitions.get(node)
    if definitions:
        found = join(_reaching(held, definition, node, scope, frame, at) for definition in definitions)
        changed = {
            key: change.value
            for key, change in changes(held.program, node, scope, frame).items()
            if not (found and held.additions.follow(node, key, scope, change.statement, at))
        }
        added = (
            under(held.of(value, scope, frame), key) for key, value in changed.items() if value is not None
        )
        return without(found, changed) | join(added)
    return _of_outer(held, node.id, scope, frame)


def _reaching(
    held: Held, definition: Definition, use: ast.Name, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    """What ``definition`` brings to ``use``: of the items of a dict those whose key the tests around it let through."""
    source = _of_items(definition, scope)
    if source is None:
        return held.after(definition, frame, at)
    owner, key = source
    tests = list(tests_around(scope, use))
    return taken(
        frozenset(
            each
            for each in held.of(owner, scope, frame)
            if each.way and passes(held.program, tests, key, each.way[0], scope, frame)
        ),
        None,
    )


def _of_items(definition: Definition, scope: Scope) -> tuple[ast.expr, str] | None:
    """The dict whose values a loop over its items binds by ``definition``, and the name of their keys."""
    if not isinstance(definition, Assigned) or definition.path != (("element", None), ("index", 1)):
        return None
    target = scope.module.parents.get(definition.node)
    source = definition.value
    if not isinstance(target, ast.Tuple) or not isinstance(target.elts[0], ast.Name):
        return None
    if (
        isinstance(source, ast.Call)
        and isinstance(source.func, ast.Attribute)
        and source.func.attr == "items"
    ):
        return source.func.value, target.elts[0].id
    return None


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
            return join(held.after(definition, where, None) for definition in outer.bindings[identifier])
        if outer.is_function:
            where = where.closure if where is not None else None
    return NONE_HELD


def after(held: Held, definition: Definition, frame: Frame | None, at: ast.AST | None) -> Holdings:
    """What a name that ``definition`` binds holds when ``at`` runs."""
    if isinstance(definition, Param):
        return _parameter(held, definition, frame) | held.added(definition.node, definition.scope, frame, at)
    if isinstance(definition, Assigned):
        return _assigned(held, definition, frame, at)
    if isinstance(definition, Refined):
        if _empties(definition.test, definition.positive):
            return NONE_HELD
        found = join(held.after(before, frame, at) for before in definition.previous)
        return left_by_test(held.program, found, definition, frame)
    if isinstance(definition, Phi):
        return join(held.after(before, frame, at) for before in definition.previous)
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


def _assigned(held: Held, definition: Assigned, frame: Frame | None, at: ast.AST | None) -> Holdings:
    if isinstance(definition.node, ast.ExceptHandler):
        return caught(definition.node, definition.scope)
    if definition.value is None:
        return NONE_HELD
    return held.along(definition.value, definition.path, definition.scope, frame, at)


def _parameter(held: Held, param: Param, frame: Frame | None) -> Holdings:
    if param.node in held.handled or is_swallowed(param):
        return caught(param.node, param.scope)
    if frame is not None and frame.scope is param.scope:
        return _given(held, param, frame)
    is_nested = param.scope.parent is not None and param.scope.parent.is_function
    if not is_nested and not _makes_exception(held.program, param.scope):
        return _injected(held, param)
    frames = sorted(held.program.ask(("frames", param.scope)), key=frame_order)
    return join(_given(held, param, call) for call in frames)


def _injected(held: Held, param: Param) -> Holdings:
    """What a framework puts into ``param``: what the function that it depends on returns, or yields."""
    scopes = (each.scope.module.bound(each.scope) for each in called_for(held.program, param))
    given = ((scope, [*scope.returns, *(value for value, _ in scope.yields)]) for scope in scopes)
    return join(held.of(value, scope, None) for scope, values in given for value in values)


def _makes_exception(program: Program, scope: Scope) -> bool:
    """Whether it is the constructor of an exception, which carries what it is given to a handler elsewhere."""
    owner = scope.class_scope
    return owner is not None and scope.name == "__init__" and is_exception(program, program.class_of(owner))


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
        elif kind == "enter":
            found = entered(found)
        elif kind not in ("narrow", "less"):
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
