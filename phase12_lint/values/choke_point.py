"""The choke point: which code is in it, and what its entries are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Protocol

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.handing import is_outside
from phase12_lint.values.loads import Place
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import is_run_of_plugin

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_ROUTES = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "route",
    "api_route",
    "websocket",
    "head",
    "options",
    "command",
}


class Home(Protocol):
    """Code that what only it calls is part of: the choke point, or a layer. Compares by identity."""

    def holds(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in it."""

    def excludes(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in another such place."""

    def __hash__(self) -> int: ...


class ChokePoint:
    """The scopes and modules that the policy's ``choke-point`` names."""

    def __init__(self, program: Program) -> None:
        self.classes: set[Scope] = set()
        self.functions: set[Scope] = set()
        self.modules: set[Module] = set()
        self.bases: set[Scope] = set()
        for entry in program.policy.choke_point:
            self._find(program, entry)

    def _find(self, program: Program, entry: str) -> None:
        dotted = entry.replace(":", ".")
        last = dotted.rpartition(".")[2]
        before = len(self.classes) + len(self.functions)
        for module in program.project.modules_with(last):
            for scope in module.classes.get(last, ()):
                if program.governed.names_class(program.class_of(scope), (entry,)):
                    self.classes.add(scope)
            for scope in module.functions.get(last, ()):
                if scope.parent is module.scope and scope.goes_by(dotted):
                    self.functions.add(scope)
        found_none = len(self.classes) + len(self.functions) == before
        for path in program.project.names.named(dotted) if found_none else ():
            found = program.project.module(path)
            if found is not None and not found.exempt:
                self.modules.add(found)

    def holds(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in what the policy names."""
        if scope.module in self.modules:
            return True
        own = self.classes | self.functions | self.bases
        return any(outer in own for outer in scope.chain())

    def add_bases(self, program: Program) -> None:
        """The classes that only the choke point's classes are made from are part of it, as if written in them."""
        for owner in sorted(self.classes, key=lambda scope: scope.module.path):
            for base in program.class_of(owner).ancestors(program):
                if isinstance(base, ClassInfo) and _is_only_inherited(program, base):
                    self.bases.add(base.scope)

    def line(self, program: Program, owner: Scope) -> list[Scope]:
        """The choke point's class ``owner`` and those of its bases that are part of it, nearest first."""
        line = program.class_of(owner).ancestors(program)
        return [
            owner,
            *(each.scope for each in line if isinstance(each, ClassInfo) and each.scope in self.bases),
        ]

    def excludes(self, scope: Scope) -> bool:
        """Whatever else calls it ends with a caller that is not part of the choke point."""
        return False


def _is_only_inherited(program: Program, base: ClassInfo) -> bool:
    """Whether ``base`` has no instances but those of the choke point's classes."""
    governed = program.governed
    below = program.subclasses(base)
    return (
        not governed.is_runner_class(base)
        and not governed.is_protocol(base)
        and not base.module.exempt
        and all(
            governed.is_runner_class(each) or any(map(governed.is_runner_class, program.subclasses(each)))
            for each in below
        )
        and all(place.call is None for place in program.references(base.scope))
    )


def compute_inside(program: Program, scope: Scope, home: Home) -> frozenset[bool]:
    """True in it if only ``home`` calls the function or class ``scope``, or hands it to a pool or queue."""
    if home.holds(scope):
        return frozenset({True})
    reached = False
    seen = {scope}
    pending = [scope]
    while pending:
        current = pending.pop()
        if isinstance(current.node, (ast.Module, ast.Expression)) or _is_route(current):
            return frozenset()
        if home.excludes(current) or is_run_of_plugin(program, current):
            return frozenset()
        callers = [place for place in program.references(current) if _consumes(program, place)]
        for place in callers:
            where = _caller(place)
            if home.holds(where) or _in_inside_class(program, where, scope, home):
                reached = True
            elif not _decorates(place, current):
                caller = _outermost_function(where)
                if caller not in seen:
                    seen.add(caller)
                    pending.append(caller)
        if not callers:
            return frozenset()
    return frozenset({True}) if reached else frozenset()


def _caller(place: Place) -> Scope:
    """The scope on whose behalf a place calls: of a function that was handed over, the one that handed it."""
    scope, frame = place.scope, place.frame
    while frame is not None and frame.scope in scope.chain() and frame.shape.where is not None:
        scope, frame = frame.shape.where, frame.caller
    return scope


def _outermost_function(scope: Scope) -> Scope:
    functions = [outer for outer in scope.chain() if outer.is_function]
    return functions[-1] if functions else scope


def _in_inside_class(program: Program, scope: Scope, asked: Scope, home: Home) -> bool:
    """Whether ``scope`` stands in a class that only ``home`` makes."""
    return any(
        outer.kind == "class" and outer is not asked and program.ask(("inside", outer, home))
        for outer in scope.chain()
    )


def _decorates(place: Place, scope: Scope) -> bool:
    """Whether a place has the function only because a decorator wraps it: what counts is who calls the result."""
    decorators = getattr(scope.node, "decorator_list", ())
    frame = place.frame
    while frame is not None:
        if any(frame.site is decorator for decorator in decorators):
            return True
        frame = frame.closure
    return False


def _consumes(program: Program, place: Place) -> bool:
    """Whether a place calls what it has, or hands it to something outside the program to be called."""
    if place.wrapped:
        return False
    module = place.scope.module
    parent = module.parents.get(place.node)
    if isinstance(parent, ast.Attribute):
        call = module.parents.get(parent)
        return isinstance(call, ast.Call) and call.func is parent
    if any(decorator is place.node for decorator in getattr(parent, "decorator_list", ())):
        return True
    if isinstance(parent, ast.keyword):
        parent = module.parents.get(parent)
    if not isinstance(parent, ast.Call):
        return False
    if parent.func is place.node:
        return True
    return any(is_outside(atom) for atom in program.evaluate(parent.func, place.scope, place.frame))


def _is_route(scope: Scope) -> bool:
    for decorator in getattr(scope.node, "decorator_list", ()):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in _ROUTES:
            return True
    return False


def entries(program: Program) -> frozenset[str]:
    """``run``, and every public method or function of the choke point from which a plugin is run."""
    found = {"run"}
    for owner in sorted(program.choke.classes, key=lambda scope: scope.module.path):
        found |= _running(
            program, [scope for cls in program.choke.line(program, owner) for scope in cls.children]
        )
    for module in program.choke.modules:
        found |= _running(program, module.scope.children)
    return frozenset(found)


def entry_scopes(program: Program) -> dict[Scope, Scope | None]:
    """The functions that may be entries of the choke point, its public ones, in the order of their places; each with
    the class that inherits it, if it is written in a base.
    """
    found: dict[Scope, Scope | None] = dict.fromkeys(program.choke.functions)
    for module in program.choke.modules:
        found |= dict.fromkeys(_public(module.scope))
    for owner in sorted(program.choke.classes, key=lambda scope: scope.module.path):
        names: set[str] = set()
        for cls in program.choke.line(program, owner):
            own = [scope for scope in _public(cls) if scope.name not in names]
            found |= {scope: None if cls is owner else found.get(scope, owner) for scope in own}
            names.update(scope.name for scope in cls.children)
    return {scope: found[scope] for scope in sorted(found, key=lambda scope: order(scope, scope.node))}


def _public(owner: Scope) -> list[Scope]:
    return [scope for scope in owner.children if scope.is_function and not scope.name.startswith("_")]


def _running(program: Program, functions: list[Scope]) -> set[str]:
    """The public ones of ``functions`` that run a plugin, themselves or through each other."""
    running = {scope.name for scope in functions if scope.is_function and _runs_plugin(program, scope)}
    grown = True
    while grown:
        more = {
            s.name for s in functions if s.is_function and s.name not in running and _mentions(s, running)
        }
        running |= more
        grown = bool(more)
    return {name for name in running if not name.startswith("_")}


def _runs_plugin(program: Program, scope: Scope) -> bool:
    for method in program.policy.plugin_methods:
        for node in scope.module.loads.get(method, ()):
            where = scope.module.scopes[node]
            if (
                isinstance(node, ast.Attribute)
                and scope in where.chain()
                and any(
                    program.governed.is_role(atom, "plugin") for atom in program.evaluate(node.value, where)
                )
            ):
                return True
    return False


def _mentions(scope: Scope, names: set[str]) -> bool:
    loads = scope.module.loads
    return any(scope in scope.module.scopes[node].chain() for name in names for node in loads.get(name, ()))
