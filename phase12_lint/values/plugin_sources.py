"""Plugin sources: calls whose result the policy declares to be a plugin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import declared_types
from phase12_lint.values.atoms import (
    NOTHING,
    UNKNOWN,
    Atom,
    ClassRef,
    External,
    Function,
    Instance,
    Method,
    Sourced,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def with_source(
    program: Program, node: ast.Call, callee: Value, value: Value, scope: Scope, frame: Frame | None
) -> Value:
    """``value`` with a plugin added if the call is a source and its declared type does not say otherwise."""
    if not _is_source(program, node.func, callee, scope, frame):
        return value
    return _with_plugin(program, node, callee, value)


def with_what_is_handed(program: Program, site: ast.AST, atom: Atom, value: Value) -> Value:
    """``value``, which ``atom`` gives when ``site`` calls it in some way, with a plugin added if it is a source."""
    if not isinstance(site, ast.expr) or not any(
        _is_named(program, atom, source) for source in program.governed.source_parts
    ):
        return value
    return _with_plugin(program, site, frozenset({atom}), value)


def _is_named(program: Program, atom: Atom, source: tuple[str, ...]) -> bool:
    if isinstance(atom, External):
        return tuple(atom.name.split("."))[-len(source) :] == source
    if isinstance(atom, Function):
        return atom.scope.name == source[-1] and (
            _is_function(atom, source) or (len(source) > 1 and _owned(atom, source))
        )
    owner = atom.owner if isinstance(atom, Method) and atom.name == source[-1] else None
    return (
        isinstance(owner, (Instance, ClassRef))
        and len(source) > 1
        and _is_class(program, owner.cls, source[-2])
    )


def _with_plugin(program: Program, node: ast.expr, callee: Value, value: Value) -> Value:
    if any(program.governed.is_role(atom, "plugin") for atom in value) or _declared_otherwise(
        program, callee
    ):
        return value
    return (value - {UNKNOWN}) | {Sourced(node, False)}


def decorated(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """The plugin that the decorator ``node``, or a call of one, makes of a function if it is a source."""
    called = node.func if isinstance(node, ast.Call) else node
    is_source = _is_source(program, called, program.evaluate(called, scope, frame), scope, frame)
    return frozenset({Sourced(node, False)}) if is_source else NOTHING


def _is_source(program: Program, node: ast.expr, callee: Value, scope: Scope, frame: Frame | None) -> bool:
    """Whether one of the policy's sources names what ``node`` is, which may be ``callee``."""
    tail = tail_of(node)
    names = {tail[-1]} if tail else set()
    names |= {atom.name.rpartition(".")[2] for atom in callee if isinstance(atom, External)}
    names |= {atom.scope.name for atom in callee if isinstance(atom, Function)}
    candidates = [source for source in program.governed.source_parts if source[-1] in names]
    return any(_matches(program, source, tail, node, callee, scope, frame) for source in candidates)


def tail_of(node: ast.expr) -> tuple[str, ...]:
    """The names that a callee ends in, as written: ``action_loader.get`` of ``self.action_loader.get``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return tuple(reversed(parts))


def _matches(
    program: Program,
    source: tuple[str, ...],
    tail: tuple[str, ...],
    node: ast.expr,
    callee: Value,
    scope: Scope,
    frame: Frame | None,
) -> bool:
    if tail[-len(source) :] == source:
        return True
    if any(_is_named(program, atom, source) for atom in callee):
        return True
    if len(source) < 2 or not isinstance(node, ast.Attribute):
        return False
    owners = program.evaluate(node.value, scope, frame)
    return any(isinstance(a, (Instance, ClassRef)) and _is_class(program, a.cls, source[-2]) for a in owners)


def _is_function(function: Function, source: tuple[str, ...]) -> bool:
    return function.scope.class_scope is None and function.scope.goes_by(".".join(source))


def _owned(function: Function, source: tuple[str, ...]) -> bool:
    return function.scope.qualified_name.endswith(".".join(source[-2:]))


def _is_class(program: Program, cls: ClassInfo | str, name: str) -> bool:
    line = cls.ancestors(program) if isinstance(cls, ClassInfo) else (cls,)
    return any((a if isinstance(a, str) else a.name).rpartition(".")[2] == name for a in line)


def _declared_otherwise(program: Program, callee: Value) -> bool:
    functions = [atom for atom in callee if isinstance(atom, Function)]
    if not functions or len(functions) != len(callee):
        return False
    for function in functions:
        declared = declared_types.returned(program, function.scope)
        if declared is None:
            return False
        value = declared_types.instance(program, declared[0], declared[1], None)
        if program.governed.leaves_room(value):
            return False
    return True
