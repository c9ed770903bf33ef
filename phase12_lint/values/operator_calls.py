"""The calls of special methods that an operator makes: ``x | y``, ``x += y``, ``x[key]``, ``x[key] = y``, ``y in x``;
and those of ``__getattr__`` that reading a governed method makes.

They are looked for in the files that name a class which has the method: the object may come from anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values.atoms import Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.held_names import may_hold

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def frames(program: Program, scope: Scope, cls: ClassInfo) -> Iterator[Frame]:
    """The calls of ``scope``, a method of ``cls``, that operators make."""
    names = {each.name for each in (cls, *program.subclasses(cls))}
    modules = {module: None for name in sorted(names) for module in program.project.modules_with(name)}
    for module in modules:
        for use in module.operations.get(scope.name, ()):
            if isinstance(use.owner, ast.Attribute) and not may_hold(program, use.owner.attr, cls):
                continue
            where = module.scopes[use.owner]
            shape = Shape(tuple(_given(each, where) for each in use.given), ())
            for atom in program.evaluate(use.owner, where):
                method = program.method(atom, scope.name) if isinstance(atom, Instance) else None
                if method is not None and method.scope is scope:
                    frame = program.call_frame(method, use.node, shape, None)
                    if frame is not None:
                        yield frame


def frames_of_getattr(program: Program, scope: Scope, cls: ClassInfo) -> Iterator[Frame]:
    """The calls of ``scope``, the ``__getattr__`` of ``cls``, that reading a governed method makes."""
    for name in program.policy.plugin_methods:
        for module in program.project.modules_reading(name):
            for read in module.loads.get(name, ()):
                if isinstance(read, ast.Attribute):
                    yield from _asked_for(program, read, module.scopes[read], scope, cls)


def _asked_for(
    program: Program, read: ast.Attribute, where: Scope, scope: Scope, cls: ClassInfo
) -> Iterator[Frame]:
    if isinstance(read.value, ast.Attribute) and not may_hold(program, read.value.attr, cls):
        return
    shape = Shape((Argument(program.written(read.attr), where, None),), ())
    for atom in program.evaluate(read.value, where):
        method = program.method(atom, scope.name) if isinstance(atom, Instance) else None
        if isinstance(atom, Instance) and method is not None and method.scope is scope:
            frame = None if _has(program, atom, read.attr) else program.call_frame(method, read, shape, None)
            if frame is not None:
                yield frame


def _has(program: Program, made: Instance, name: str) -> bool:
    """Whether an object has ``name`` as soon as it is made, so that its ``__getattr__`` is not asked for it."""
    if program.method(made, name) is not None:
        return True
    line = made.cls.ancestors(program) if isinstance(made.cls, ClassInfo) else ()
    return any(
        name in (cls.fields(program) or ())
        or any(getattr(each, "value", None) is not None for each in cls.members(name))
        or any(where.name == "__init__" for _, where in cls.writes().get(name, ()))
        for cls in line
        if isinstance(cls, ClassInfo)
    )


def _given(node: ast.expr, where: Scope) -> Argument:
    """An operand, or what is stored in a place."""
    source = source_of(where, node) if isinstance(getattr(node, "ctx", None), ast.Store) else None
    return Argument(source[0], where, None, source[1]) if source is not None else Argument(node, where, None)
