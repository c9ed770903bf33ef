"""Hooks of pluggy: ``manager.hook.name(...)`` calls every function of that name that is marked as one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values import declared_types, parameters
from phase12_lint.values.atoms import NOTHING, Container, Function, Instance, Value
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.ordering import order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MARKERS = ("HookimplMarker", "HookspecMarker")
_OWNER = "hook"


def given(program: Program, call: ast.Call) -> Value:
    """What ``call`` gives if it calls a hook: what a function of it does, or a list of that; nothing if it is none."""
    name = _called(call.func)
    marked = list(_marked(program, name)) if name is not None else []
    found = program.join(_of_one(program, scope) for scope, _ in marked)
    if any(_is_first_alone(decorator) for _, decorator in marked):
        return found
    return frozenset({Container("list", None, (found,))}) if marked else NOTHING


def calls(program: Program, scope: Scope) -> Iterator[Frame]:
    """The calls of ``scope`` that calling the hook makes as which it is marked."""
    if not any(_is_marker(program, each, scope) for each in getattr(scope.node, "decorator_list", ())):
        return
    function, names = Function(scope, program.default_receiver(scope)), {p.node.arg for p in scope.params}
    for module in program.project.modules_with(scope.name):
        for load in module.loads.get(scope.name, ()):
            call = module.parents.get(load)
            if isinstance(call, ast.Call) and call.func is load and _called(load) is not None:
                whole = shape_of(call, module.scopes[load], None)
                taken = tuple((name, each) for name, each in whole.keywords if name in names)
                frame = program.call_frame(function, call, Shape((), taken, whole.where), None)
                if frame is not None:
                    yield frame


def _called(function: ast.expr) -> str | None:
    """The name of the hook that is called by calling ``function``."""
    is_hook = isinstance(function, ast.Attribute) and last_name(function.value) == _OWNER
    return last_name(function) if is_hook else None


def _marked(program: Program, name: str) -> Iterator[tuple[Scope, ast.expr]]:
    """The functions called ``name`` that are marked as a hook or as what one has to be, each with the marker."""
    scopes = [
        s for m in program.project.modules_with(name) for s in m.functions.get(name, ()) if not m.exempt
    ]
    for scope in sorted(scopes, key=lambda scope: order(scope, scope.node)):
        for decorator in getattr(scope.node, "decorator_list", ()):
            if _is_marker(program, decorator, scope):
                yield scope, decorator


def _is_marker(program: Program, decorator: ast.expr, scope: Scope) -> bool:
    marker = decorator.func if isinstance(decorator, ast.Call) else decorator
    return scope.parent is not None and any(
        isinstance(atom, Instance) and isinstance(atom.cls, str) and atom.cls.endswith(_MARKERS)
        for atom in program.evaluate(marker, scope.parent)
    )


def _of_one(program: Program, scope: Scope) -> Value:
    """What ``scope`` gives; of what only says what a hook has to be, what it is declared to."""
    declared = declared_types.returned(program, scope)
    said = declared_types.instance(program, *declared, None) if declared is not None else NOTHING
    if parameters.is_stub(scope):
        return said
    return said | parameters.result(program, Function(scope, program.default_receiver(scope)), None)


def _is_first_alone(decorator: ast.expr) -> bool:
    """Whether the marker says that only the first result counts."""
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(each.arg == "firstresult" and getattr(each.value, "value", None) is True for each in keywords)
