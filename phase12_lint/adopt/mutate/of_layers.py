"""Layers are skipped, reversed, cut off or entered from beside (GOV5)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.adopt.mutate.ground import NAME, Ground, Reach, first_of, mutant
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.calls.layers import API
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import below, with_body
from phase12_lint.inspect.statements import begins_line
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope


def skipped(ground: Ground) -> Iterator[Mutant]:
    """A layer calls the choke point and skips the layers in between."""
    routes = ground.routes if ground.policy.layers else ()
    for host in (*_classes(ground, range(1, ground.layers.last - 1)), *routes):
        if begins_line(host.module, first_of(host)):
            reach = ground.runner(host.module)
            does = f"`{host.qualified_name}` calls the choke point and skips the layers in between"
            yield mutant("GOV501", does, _method(host, reach))
            return
    raise NotApplicable("no layer has another one between itself and the choke point")


def reversed_(ground: Ground) -> Iterator[Mutant]:
    """A layer calls one above it."""
    last = ground.layers.last
    for upper in _classes(ground, range(1, last)):
        name = _governed_method(ground, upper)
        number = ground.layers.of_class(ground.program.class_of(upper))
        if not name or number is None:
            continue
        for lower in _classes(ground, range(number + 1, last + 1)):
            if begins_line(lower.module, first_of(lower)):
                reach = ground.typed(upper, lower.module, f"{NAME}_upper", name)
                does = f"`{lower.qualified_name}` calls `{upper.qualified_name}.{name}`"
                yield mutant("GOV502", does, _method(lower, reach))
                return
    raise NotApplicable("no class of a layer is above another")


def imported(ground: Ground) -> Iterator[Mutant]:
    """A layer imports one that is not its next."""
    layers = range(1, ground.layers.last + 1)
    for host in _classes(ground, layers):
        held = _held(ground, host.module)
        if not any(host.goes_by(name) for name in (*ground.policy.layers, *ground.policy.choke_point)):
            continue
        allowed = held | {number + 1 for number in held}
        for number in layers:
            for other in _classes(ground, range(number, number + 1)):
                if number not in allowed:
                    alias = f"{NAME}_layer"
                    statement = ground.imported(other, host.module, alias)
                    function = f"def {NAME}(given: {alias}): return given"
                    does = f"the module of `{host.qualified_name}` imports `{other.qualified_name}`"
                    yield ground.added("GOV503", does, statement, "", "", function, at=host.module)
                    return
    raise NotApplicable("no module of a layer could import a layer other than its next")


def _held(ground: Ground, module: Module) -> set[int]:
    """The numbers of the layers that ``module`` holds."""
    held = {
        number for number, scopes in ground.layer_classes.items() if any(s.module is module for s in scopes)
    }
    return held | ({API} if any(route.module is module for route in ground.routes) else set())


def dead_end(ground: Ground) -> Iterator[Mutant]:
    """A layer answers by itself."""
    for host in _classes(ground, range(1, ground.layers.last)):
        methods = [scope.node for scope in host.children if scope.is_function and scope.name != "__init__"]
        changes = Changes(host.module)
        for method in methods:
            if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                changes.change(method, with_body("return {}, {}"))
        if any(host in call.scope.chain() for call in ground.governed):
            yield mutant("GOV504", f"`{host.qualified_name}` answers by itself", changes)
            return
    raise NotApplicable("no class of a layer makes a governed call")


def bypassed(ground: Ground) -> Iterator[Mutant]:
    """Code of no layer calls the choke point."""
    if not ground.policy.layers:
        raise NotApplicable("the policy names no layers, so anyone may call the choke point")
    reach = ground.runner(ground.host)
    function = f"def {NAME}({reach.parameter}): {reach.use}"
    yield ground.added("GOV505", "code of no layer calls the choke point", *reach.prelude, "", function)


def _classes(ground: Ground, numbers: range) -> Iterator[Scope]:
    """The classes of these layers at the top of their modules, from the API downwards."""
    for number in numbers:
        for scope in ground.layer_classes.get(number, ()):
            if scope.parent is scope.module.scope:
                yield scope


def _method(host: Scope, reach: Reach) -> Changes:
    """A method, or a function within the route, that does ``reach``."""
    own = "self, " if host.kind == "class" else ""
    function = f"def {NAME}({own}{reach.parameter}): {reach.use}"
    changes = Changes(host.module).change_statement(first_of(host), below(function))
    return changes.append(*reach.prelude) if reach.prelude else changes


def _governed_method(ground: Ground, cls: Scope) -> str:
    """A public method of ``cls`` that makes a governed call."""
    for call in ground.governed:
        method = call.scope.method
        if method is None or method.class_scope is not cls or method.name.startswith("_"):
            continue
        if not call.deferred and not call.handed:
            return method.name
    return ""
