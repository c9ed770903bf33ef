"""Which functions the web framework calls: the routes of the API, and the exception handlers of the app."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.governed import last_part
from phase12_lint.survey.loads import Place
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope, last_name
from phase12_lint.survey.values import ClassRef, Container, External, Function, Instance, Method, ModuleRef

_ROUTE_DECORATORS = {"get", "post", "put", "patch", "delete", "route", "api_route", "websocket"}
_ROUTE_REGISTRATIONS = {
    *("add_api_route", "add_route", "add_websocket_route", "add_api_websocket_route", "add_url_rule"),
    *("Route", "APIRoute", "WebSocketRoute", "APIWebSocketRoute"),
}
_VIEW_DECORATORS = {"api_view"}
_HANDLER_DECORATORS = {"exception_handler", "errorhandler", "app_errorhandler", "error_handler"}
_HANDLER_REGISTRATIONS = {"add_exception_handler", "register_error_handler"}
_ROUTER_NAMES = ("app", "api", "router", "blueprint", "bp", "*_router", "*_app")
_ROUTER_CLASSES = {
    *("FastAPI", "APIRouter", "Starlette", "Router", "Flask", "Blueprint", "APIBlueprint", "Quart"),
    *("Sanic", "Bottle", "Chalice", "RouteTableDef", "NinjaAPI", "Namespace"),
}


def is_route(program: Program, scope: Scope) -> bool:
    """Whether the function ``scope`` is a route: under a router's decorator, or registered as an endpoint."""
    if not scope.is_function:
        return False
    return is_decorated_route(program, scope) or _is_given_to(program, scope, _ROUTE_REGISTRATIONS)


def is_decorated_route(program: Program, scope: Scope) -> bool:
    """Whether the function ``scope`` is under the decorator of a router or an application."""
    for decorator in getattr(scope.node, "decorator_list", ()):
        if not isinstance(decorator, ast.Call):
            continue
        target = decorator.func
        if isinstance(target, ast.Attribute) and target.attr in _ROUTE_DECORATORS:
            if _is_router(program, target.value, scope.parent or scope):
                return True
        elif last_name(target) in _VIEW_DECORATORS:
            return True
    return False


def is_error_handler(program: Program, scope: Scope) -> bool:
    """Whether the app calls the function ``scope`` with the exceptions that come out of its routes."""
    if not scope.is_function:
        return False
    for decorator in getattr(scope.node, "decorator_list", ()):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (
            isinstance(target, ast.Attribute)
            and target.attr in _HANDLER_DECORATORS
            and _is_router(program, target.value, scope.parent or scope)
        ):
            return True
    return _is_given_to(program, scope, _HANDLER_REGISTRATIONS) or any(
        _is_in_handler_table(place) for place in program.references(scope)
    )


def is_registration(call: ast.expr) -> bool:
    """Whether ``call`` tells the framework of a route or an exception handler, and so calls neither."""
    return (
        isinstance(call, ast.Call) and last_name(call.func) in _ROUTE_REGISTRATIONS | _HANDLER_REGISTRATIONS
    )


def _is_router(program: Program, node: ast.expr, scope: Scope) -> bool:
    """By its type, or by its name where nothing known contradicts it."""
    known = False
    for atom in program.evaluate(node, scope):
        names = list(_class_names(program, atom))
        if any(last_part(name) in _ROUTER_CLASSES for name in names):
            return True
        known = known or isinstance(atom, (Container, ModuleRef, Function, ClassRef))
        known = known or (isinstance(atom, External) and program.governed.is_known_external(atom.name))
        known = known or any(program.governed.is_known_external(name) for name in names[:1])
    written = last_name(node)
    return (
        not known and written is not None and any(fnmatchcase(written, pattern) for pattern in _ROUTER_NAMES)
    )


def _class_names(program: Program, atom: object) -> Iterator[str]:
    if not isinstance(atom, Instance):
        return
    line = atom.cls.ancestors(program) if isinstance(atom.cls, ClassInfo) else (atom.cls,)
    for each in line:
        yield each if isinstance(each, str) else each.name


def _is_given_to(program: Program, scope: Scope, names: set[str]) -> bool:
    if not any(program.project.files_with(name) for name in names):
        return False
    return any(_registers(program, place, names) for place in program.references(scope))


def _registers(program: Program, place: Place, names: set[str]) -> bool:
    """Whether the place is an argument of a call of one of ``names``, or of a name for its bound method."""
    parents = place.scope.module.parents
    parent = parents.get(place.node)
    if isinstance(parent, ast.keyword):
        parent = parents.get(parent)
    if not isinstance(parent, ast.Call) or parent.func is place.node or place.wrapped:
        return False
    if last_name(parent.func) in names:
        return True
    if isinstance(parent.func, ast.Name):
        return any(
            isinstance(value, ast.Attribute) and value.attr in names
            for definition in place.scope.module.definitions.get(parent.func, ())
            if (value := getattr(definition, "value", None)) is not None
        ) or any(
            isinstance(atom, Method) and atom.name in names
            for atom in program.evaluate(parent.func, place.scope)
        )
    return False


def _is_in_handler_table(place: Place) -> bool:
    """``FastAPI(exception_handlers={ValueError: f})``."""
    parents = place.scope.module.parents
    table = parents.get(place.node)
    keyword = parents.get(table) if isinstance(table, ast.Dict) else None
    return isinstance(keyword, ast.keyword) and keyword.arg == "exception_handlers"
