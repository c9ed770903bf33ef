"""The classes below a class, wherever in the program they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import parameters
from phase12_lint.values.atoms import Site
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.interning import remembered

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_OF_CLASSES = {"classmethod", "__init_subclass__", "__class_getitem__"}


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


def compute_plugin_lines(program: Program) -> frozenset[tuple[ClassInfo, bool]]:
    """The declared plugin classes and all classes above them; True with those that are above a plugin base."""
    bases: dict[ClassInfo, None] = {}
    found: set[tuple[ClassInfo, bool]] = set()
    for base in program.policy.plugin_bases:
        last = last_part(base)
        for module in program.project.modules_with(last):
            for scope in (*module.classes.get(last, ()), *_derived(module, [last, *_aliases(module, last)])):
                bases.setdefault(program.class_of(scope))
    for cls in [each for each in bases if program.governed.is_declared_plugin_class(each)]:
        is_base = program.governed.names_class(cls, program.policy.plugin_bases)
        found |= {(each, is_base) for each in cls.ancestors(program) if isinstance(each, ClassInfo)}
        for below in program.subclasses(cls):
            found |= {(each, False) for each in below.ancestors(program) if isinstance(each, ClassInfo)}
    return frozenset(found)


def compute_pipeline_lines(program: Program) -> frozenset[ClassInfo]:
    """The classes above the choke point and the layers."""
    found: dict[ClassInfo, None] = {}
    for entry in (*program.policy.choke_point, *program.policy.layers):
        last = last_part(entry)
        for module in program.project.modules_with(last):
            for scope in module.classes.get(last, ()):
                cls = program.class_of(scope)
                if program.governed.names_class(cls, (entry,)):
                    above = (each for each in cls.ancestors(program) if each is not cls)
                    found.update(dict.fromkeys(each for each in above if isinstance(each, ClassInfo)))
    return frozenset(found)


def _directly_below(program: Program, cls: ClassInfo) -> Iterator[ClassInfo]:
    names = [cls.name]
    for name in names:
        for module in program.project.modules_deriving(name):
            names += sorted(_aliases(module, name) - set(names))
            for scope in _derived(module, names):
                if scope is not cls.scope:
                    below = program.class_of(scope)
                    if cls in below.ancestors(program):
                        yield below


def _derived(module: Module, names: list[str]) -> Iterator[Scope]:
    """The classes of ``module`` with a base that is called by one of ``names``, or by what is no name."""
    for name in (None, *names):
        yield from module.derived.get(name, ())


@remembered
def _aliases(module: Module, name: str) -> set[str]:
    """Other names that ``module`` gives to what is called ``name``: ``import x as y``, ``y = x``."""
    found = {each.alias.asname for each in module.imported.get(name, ()) if each.alias.asname}
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
            made = place.call or (place.node if place.decorated is not None else None)
            if made is not None:
                found.add(Site.of(made, place.scope, place.frame))
    return frozenset(found)


def makers(program: Program, cls: ClassInfo) -> Iterator[Site]:
    """The calls that make instances of ``cls`` or of a class below it, also those by which its own methods do."""
    yield from program.constructions(cls)
    yield from _made_of_its_own(cls)


def _made_of_its_own(cls: ClassInfo) -> Iterator[Site]:
    """The calls by which methods of ``cls`` make an object of the class that they are called on: ``cls()``,
    ``type(self)()``, ``self.__class__()``.
    """
    for method in filter(parameters.takes_receiver, cls.scope.children):
        params = cls.module.bound(method).params if method.is_function else []
        is_class = not _OF_CLASSES.isdisjoint((method.name, *parameters.decorators(method)))
        for read in cls.module.reads(method, params[0].node.arg, None) if params else ():
            made = read if is_class else _class_of(cls.module, read)
            call = cls.module.parents.get(made) if made is not None else None
            if isinstance(call, ast.Call) and call.func is made:
                yield Site.of(call, cls.module.scopes[read], None)


def _class_of(module: Module, read: ast.Name) -> ast.AST | None:
    """``type(read)`` or ``read.__class__`` around ``read``, if that is there."""
    parent = module.parents[read]
    is_type = isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "type"
    return parent if is_type or getattr(parent, "attr", "") == "__class__" else None
