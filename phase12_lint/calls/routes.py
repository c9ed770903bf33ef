"""Which functions the web framework calls, the routes and the exception handlers, and what it was told of them by."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.atoms import ClassRef, Container, External, Function, Instance, ModuleRef, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frameworks import HANDLER_DECORATORS
from phase12_lint.values.keys import VALUES
from phase12_lint.values.loads import place_order
from phase12_lint.values.program import Program

_ROUTE_DECORATORS = {"get", "post", "put", "patch", "delete", "route", "api_route", "websocket"}
_ROUTE_REGISTRATIONS = {
    *("add_api_route", "add_route", "add_websocket_route", "add_api_websocket_route", "add_url_rule"),
    *("Route", "APIRoute", "WebSocketRoute", "APIWebSocketRoute"),
}
_ROUTE_REGISTRATIONS |= {f"add_{name}" for name in ("get", "post", "put", "patch", "delete", "view")}
_VIEW_METHODS = {"get", "post", "put", "patch", "delete", "dispatch_request"}
_VIEW_CLASSES = {
    *("MethodView", "View", "HTTPEndpoint", "HTTPMethodView", "Resource", "APIView", "GenericAPIView"),
    *("RequestHandler",),
}
_VIEW_DECORATORS = {"api_view"}
_HANDLER_REGISTRATIONS = {"add_exception_handler", "register_error_handler"}
_OF_THE_WHOLE_APPLICATION = {"app_errorhandler"}
_HANDLING = re.compile(rf"\b(?:{'|'.join(sorted(HANDLER_DECORATORS))})\b".encode())
_TABLE = "exception_handlers"
HANDLING_WORDS = (*sorted(HANDLER_DECORATORS | _HANDLER_REGISTRATIONS), _TABLE)
_ROUTER_NAMES = ("app", "api", "router", "blueprint", "bp", "*_router", "*_app")
_ROUTER_CLASSES = {
    *("FastAPI", "APIRouter", "Starlette", "Router", "Flask", "Blueprint", "APIBlueprint", "Quart"),
    *("Sanic", "Bottle", "Chalice", "RouteTableDef", "NinjaAPI", "Namespace"),
}
_WITHOUT_PAIRS = {"fastapi", "starlette", "litestar"}


def is_route(program: Program, scope: Scope) -> bool:
    """Whether the function ``scope`` is a route: under a router's decorator, or registered as an endpoint."""
    if not scope.is_function:
        return False
    return (
        is_decorated_route(program, scope)
        or _is_of_a_view(program, scope)
        or scope in program.once(registered).routes
    )


def _is_of_a_view(program: Program, scope: Scope) -> bool:
    """Whether it is the method of a class-based view that answers a kind of request."""
    owner = scope.class_scope
    if owner is None or scope.name not in _VIEW_METHODS:
        return False
    line = program.class_of(owner).ancestors(program)
    return any(isinstance(each, str) and last_part(each) in _VIEW_CLASSES for each in line)


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
        else:
            known = program.evaluate(target, scope.parent or scope)
            if any(map(_is_of_litestar, known)):
                return True
    return False


def takes_pairs(program: Program, scope: Scope) -> bool:
    """Whether the framework of the route ``scope`` may read ``body, status``: Flask does, those of ASGI answer 200."""
    receivers = (
        decorator.func.value
        for decorator in getattr(scope.node, "decorator_list", ())
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
    )
    known = (program.evaluate(each, scope.parent or scope) for each in receivers)
    names = (name for value in known for atom in value for name in _class_names(program, atom))
    return not any(name.partition(".")[0] in _WITHOUT_PAIRS for name in names)


def _is_of_litestar(atom: object) -> bool:
    """Whether it is the decorator ``post`` of Litestar, which has no receiver."""
    name = atom.name if isinstance(atom, External) else ""
    return name.partition(".")[0] in ("litestar", "starlite") and last_part(name) in _ROUTE_DECORATORS


def is_error_handler(program: Program, scope: Scope) -> bool:
    """Whether the app calls the function ``scope`` with the exceptions that come out of its routes."""
    if not scope.is_function:
        return False
    for decorator in getattr(scope.node, "decorator_list", ()):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (
            isinstance(target, ast.Attribute)
            and target.attr in HANDLER_DECORATORS
            and _is_router(program, target.value, scope.parent or scope)
        ):
            return True
    return scope in program.once(registered).handlers


def receivers_of_route(program: Program, scope: Scope) -> Iterator[Receiver]:
    """The routers and applications that the route ``scope`` is told to."""
    for target in _decorating(scope):
        if isinstance(target, ast.Attribute) and target.attr in _ROUTE_DECORATORS:
            yield Receiver(target.value, scope.parent or scope)
    yield from program.once(registered).routes.get(scope, ())


def told_handlers(program: Program) -> Mapping[Scope, list[Receiver]]:
    """The exception handlers of the program, each with the applications that it is told to."""
    found = {scope: list(told) for scope, told in program.once(registered).handlers.items()}
    for module in program.project.modules_matching(_HANDLING):
        for scope in itertools.chain.from_iterable(module.functions.values()):
            for target in _decorating(scope):
                if last_name(target) in HANDLER_DECORATORS and is_error_handler(program, scope):
                    assert isinstance(target, ast.Attribute)
                    receiver = Receiver(
                        target.value, scope.parent or scope, target.attr in _OF_THE_WHOLE_APPLICATION
                    )
                    found.setdefault(scope, []).append(receiver)
    return found


def _decorating(scope: Scope) -> Iterator[ast.expr]:
    for decorator in getattr(scope.node, "decorator_list", ()):
        yield decorator.func if isinstance(decorator, ast.Call) else decorator


def is_registration(call: ast.expr) -> bool:
    """Whether ``call`` tells the framework of a route or an exception handler, and so calls neither."""
    if not isinstance(call, ast.Call):
        return False
    name = last_name(call.func)
    path = call.args[0] if len(call.args) == 2 else None
    is_entry = isinstance(path, ast.Constant) and str(path.value).startswith("/")
    return name in _ROUTE_REGISTRATIONS | _HANDLER_REGISTRATIONS or (is_entry and name in _ROUTE_DECORATORS)


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


class Receiver(NamedTuple):
    """The expression of a router or an application that is told of a function.

    ``whole`` if it passes on to the whole application what it is told.
    """

    node: ast.expr
    scope: Scope
    whole: bool = False


Told = Mapping[Scope, list[Receiver]]


class Registered(NamedTuple):
    """The functions that are given to the framework in a call, each with what it is given to where that is seen."""

    routes: Told
    handlers: Told


def registered(program: Program) -> Registered:
    """What the program registers; to be asked for once a program."""
    handlers = itertools.chain(_given_to(program, _HANDLER_REGISTRATIONS), _in_handler_tables(program))
    routes = itertools.chain(_given_to(program, _ROUTE_REGISTRATIONS), _listed(program))
    return Registered(_by_function(routes), _by_function(handlers))


def _listed(program: Program) -> Iterator[tuple[Scope, Receiver | None]]:
    """``web.post("/path", handler)``: the entries of a table of aiohttp's."""
    for name in sorted(_ROUTE_DECORATORS) if program.project.texts.holding("aiohttp") else ():
        for module in program.project.modules_with("aiohttp"):
            for load in module.loads.get(name, ()):
                call, scope = module.parents.get(load), module.scopes[load]
                if not isinstance(call, ast.Call) or call.func is not load or len(call.args) != 2:
                    continue
                if External(f"aiohttp.web.{name}") in program.evaluate(load, scope):
                    yield from ((each, None) for each in _functions(program, call.args[1], scope))


def _by_function(given: Iterable[tuple[Scope, Receiver | None]]) -> Told:
    found: dict[Scope, list[Receiver]] = {}
    for scope, receiver in given:
        found.setdefault(scope, []).extend([receiver] if receiver is not None else [])
    return found


def _given_to(program: Program, names: set[str]) -> Iterator[tuple[Scope, Receiver | None]]:
    """The functions that are arguments of a call of one of ``names``, or of a name for its bound method."""
    for name in sorted(names):
        for module in program.project.modules_with(name):
            for load in module.loads.get(name, ()):
                told = Receiver(load.value, module.scopes[load]) if isinstance(load, ast.Attribute) else None
                for call, scope in _calls(program, load, module.scopes[load]):
                    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                        for function in _functions(program, argument, scope):
                            yield function, told


def _calls(program: Program, node: ast.expr, scope: Scope) -> Iterator[tuple[ast.Call, Scope]]:
    call = scope.module.parents.get(node)
    if isinstance(call, ast.Call) and call.func is node:
        yield call, scope
    elif isinstance(node, ast.Attribute):
        for place in sorted(program.places(node, scope), key=place_order):
            if place.call is not None:
                yield place.call, place.scope


def _in_handler_tables(program: Program) -> Iterator[tuple[Scope, Receiver | None]]:
    """``FastAPI(exception_handlers={ValueError: f})``, also where the table has a name."""
    for module in program.project.modules_with(_TABLE):
        for node in module.nodes:
            if not isinstance(node, ast.keyword) or node.arg != _TABLE:
                continue
            scope, made = module.scopes[node.value], module.parents[node]
            told = Receiver(made, scope) if isinstance(made, ast.Call) else None
            for table in program.evaluate(node.value, scope):
                if isinstance(table, Container) and table.kind == "dict":
                    for function in _functions_among(program.element(table, VALUES)):
                        yield function, told


def _functions(program: Program, node: ast.expr, scope: Scope) -> Iterator[Scope]:
    if not isinstance(node, (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set)):
        yield from _functions_among(program.evaluate(node, scope))


def _functions_among(value: Value) -> Iterator[Scope]:
    return (atom.scope for atom in value if isinstance(atom, Function))
