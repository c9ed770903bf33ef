"""The classes below a class, wherever in the program they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import Site
from phase12_lint.values.classes import ClassInfo

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def compute_subclasses(program: Program, cls: ClassInfo) -> frozenset[ClassInfo]:
    """Every governed class that has ``cls`` among its ancestors, under whatever name it was imported."""
    found: dict[ClassInfo, None] = {}
    pending = [cls]
    while pending:
        for below in _directly_below(program, pending.pop()):
            if below not in found and below is not cls:
                found[below] = None
                pending.append(below)
    return frozenset(found)


def _directly_below(program: Program, cls: ClassInfo) -> Iterator[ClassInfo]:
    names = [cls.name]
    for name in names:
        for module in program.project.modules_with(name):
            names += sorted(_aliases(module, name) - set(names))
            for scopes in module.classes.values():
                for scope in scopes:
                    if scope is not cls.scope and _has_base_called(scope.node, names):
                        below = program.class_of(scope)
                        if cls in below.ancestors(program):
                            yield below


def _has_base_called(node: ast.AST, names: list[str]) -> bool:
    bases = node.bases if isinstance(node, ast.ClassDef) else ()
    return any(
        (last_name(base.value) if isinstance(base, ast.Subscript) else last_name(base)) in (None, *names)
        for base in bases
    )


def _aliases(module: Module, name: str) -> set[str]:
    """Other names that ``module`` gives to what is called ``name``: ``import x as y``, ``y = x``."""
    found = {
        alias.asname
        for statement, _ in module.imports
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
        if alias.name == name and alias.asname
    }
    for load in module.loads.get(name, ()):
        parent = module.parents[load]
        if isinstance(parent, ast.Assign) and parent.value is load:
            found |= {target.id for target in parent.targets if isinstance(target, ast.Name)}
    return found


def compute_constructions(program: Program, cls: ClassInfo) -> frozenset[Site]:
    """The calls that make instances of ``cls`` or of a class below it."""
    found: set[Site] = set()
    for each in (cls, *program.subclasses(cls)):
        if each is not cls and each.method("__init__") is not None:
            continue
        for place in program.references(each.scope):
            if place.call is not None:
                found.add(Site.of(place.call, place.scope, place.frame))
    return frozenset(found)
