"""Where functions and classes are read under the names that they are defined, or given out, by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import parameters
from phase12_lint.values.atoms import ClassRef, Instance, Site
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.loads import Place, attribute_loads, is_read_elsewhere, name_loads
from phase12_lint.values.names import module_global

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def compute_holders(program: Program, cls: ClassInfo) -> frozenset[Module]:
    """The modules that may have an instance of ``cls``: they name it or a relative of it, or one comes to them."""
    relatives = [each for each in cls.ancestors(program) if isinstance(each, ClassInfo)]
    found = {
        module
        for each in (*relatives, *program.subclasses(cls))
        for module in program.project.modules_with(each.name)
    }
    for site in program.constructions(cls):
        found |= {place.scope.module for place in program.places(site.node, site.scope)}
    return frozenset(found)


def mentions(program: Program, scope: Scope) -> Iterator[Place]:
    """Every place that reads the function or class by its name."""
    outer = scope.parent
    assert outer is not None
    if outer.kind == "class":
        method = scope if scope.is_function else None
        yield from attribute_loads(program, program.class_of(outer), scope.name, method)
    yield from name_loads(program, outer, scope.name, scope.node)
    if outer.kind == "module":
        yield from _requested(program, scope)


def _requested(program: Program, scope: Scope) -> Iterator[Place]:
    """Where the function or class is read, under its own name, from modules whose ``__getattr__`` gives it."""
    for module in program.once(_giving):
        if scope.name in module.scope.bindings or not is_read_elsewhere(program, module, scope.name):
            continue
        given = module_global(program, module, scope.name)
        if any(scope is getattr(getattr(atom, "cls", atom), "scope", None) for atom in given):
            yield from name_loads(program, module.scope, scope.name, None)


def _giving(program: Program) -> list[Module]:
    """The modules with a ``__getattr__``."""
    modules = program.project.modules_with("__getattr__")
    return [each for each in modules if "__getattr__" in each.bound(each.scope).bindings]


def decorated_places(program: Program, scope: Scope, behind: ast.AST | None = None) -> Iterator[Place]:
    """Where the next decorator of the program has the function or class, or what ``behind`` made of it."""
    every: list[ast.expr] = getattr(scope.node, "decorator_list", [])
    end = next((i for i, each in enumerate(every) if each is behind), len(every))
    for decorator in reversed(every[:end]):
        found = list(handed_to(program, decorator, scope))
        yield from found
        if found:
            return


def handed_to(program: Program, decorator: ast.expr, scope: Scope) -> Iterator[Place]:
    """Where a decorator of the program has what it decorates: its first argument."""
    outer = scope.parent
    assert outer is not None
    for atom in program.evaluate(decorator, outer):
        made = Instance(atom.cls, Site.of(decorator, outer, None)) if isinstance(atom, ClassRef) else None
        called = program.method(made, "__init__") if made is not None else parameters.called(program, atom)
        if called is not None:
            frame = program.decoration(called, decorator, scope)
            bound = frame.bound if frame is not None else {}
            for param in (each for each in called.scope.params if each.node.arg in bound):
                yield from name_loads(program, called.scope, param.node.arg, param.node, frame)
