"""What is part of the choke point or of a layer though it stands elsewhere: what only its code calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope, sees
from phase12_lint.values.choke_point import Home
from phase12_lint.values.handing import is_outside
from phase12_lint.values.loads import Place
from phase12_lint.values.parameters import is_run_of_plugin, is_self

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


def compute_inside(program: Program, scope: Scope, home: Home) -> frozenset[bool]:
    """True in it if only ``home`` calls the function or class ``scope``, or hands it to a pool or queue."""
    if home.holds(scope):
        return frozenset({True})
    if _is_surely_outside(program, scope, home, {}):
        return frozenset()
    reached = False
    seen = {scope}
    pending = [scope]
    while pending:
        current = pending.pop()
        if _is_no_part(program, current, home):
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


def _is_no_part(program: Program, scope: Scope, home: Home) -> bool:
    """Whether ``scope`` is no part of ``home``, whatever calls it."""
    if isinstance(scope.node, (ast.Module, ast.Expression)) or _is_route(scope):
        return True
    if scope.kind == "class" and program.governed.is_plugin_class(program.class_of(scope)):
        return True
    return home.excludes(scope) or is_run_of_plugin(program, scope)


def _is_surely_outside(program: Program, scope: Scope, home: Home, known: dict[Scope, bool]) -> bool:
    """Whether a chain of calls by name leads to ``scope`` from what is no part of ``home``: the answer to most that is
    asked, for which no value needs to be known.
    """
    if scope not in known:
        known[scope] = False  # until it is known: a chain that leads back to it says nothing
        known[scope] = not home.holds(scope) and (
            _is_no_part(program, scope, home)
            or any(
                all(_is_surely_outside(program, each, home, known) for each in _owners(where, scope))
                for where in _callers_by_name(scope)
            )
        )
    return known[scope]


def _owners(where: Scope, called: Scope) -> Iterator[Scope]:
    """What must be no part for the code in ``where`` to be none: the function, and the classes around it."""
    yield _outermost_function(where)
    yield from (outer for outer in where.chain() if outer.kind == "class" and outer is not called)


def _callers_by_name(scope: Scope) -> Iterator[Scope]:
    """Where its own module calls ``scope`` by its name: ``f()``, ``C()``, and ``self.f()`` in its class."""
    owner, module = scope.parent, scope.module
    is_decorated = bool(getattr(scope.node, "decorator_list", ()))
    if owner is None or is_decorated or owner.kind not in ("module", "class"):
        return
    for load in module.loads.get(scope.name, ()):
        call = module.parents.get(load)
        if isinstance(call, ast.Call) and call.func is load:
            where = module.scopes[load]
            if _means(load, where, owner, scope):
                yield where


def _means(load: ast.Name | ast.Attribute, where: Scope, owner: Scope, scope: Scope) -> bool:
    """Whether ``load`` in ``where`` can only be ``scope``, which is defined in ``owner``."""
    owner.module.bound(owner)
    if len(owner.bindings.get(scope.name, ())) != 1:
        return False
    if owner.kind == "module":
        return isinstance(load, ast.Name) and sees(where, owner, scope.name)
    method = where.method
    return (
        isinstance(load, ast.Attribute)
        and isinstance(load.value, ast.Name)
        and method is not None
        and method.class_scope is owner
        and is_self(load.value, where)
        and sees(where, method, load.value.id)
    )


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
