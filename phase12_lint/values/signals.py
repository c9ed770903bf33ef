"""Signals of Django and Blinker: who sends one calls every function that is connected to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.atoms import Atom, External, Function, Instance, Method, Value
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.ordering import order_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_SIGNALS = {
    *("django.dispatch.Signal", "django.dispatch.dispatcher.Signal", "django.db.models.signals.ModelSignal"),
    *("blinker.Signal", "blinker.NamedSignal", "blinker.signal", "blinker.base.Signal"),
}
_DECORATORS = {"receiver", "connect", "connect_via"}
_SENDING = {"send", "send_robust", "asend", "asend_robust", "send_async"}


def calls(program: Program, scope: Scope) -> Iterator[Frame]:
    """The calls of ``scope`` that sending a signal makes to which it is connected."""
    function = Function(scope, program.default_receiver(scope))
    for signal in sorted(_connected(program, scope), key=order_of):
        site = signal.site if isinstance(signal, Instance) and signal.cls in _SIGNALS else None
        for place in program.places(site.node, site.scope) if site is not None else ():
            method = place.scope.module.parents.get(place.node)
            call = place.scope.module.parents.get(method) if method is not None else None
            if isinstance(call, ast.Call) and call.func is method and last_name(method) in _SENDING:
                shape = shape_of(call, place.scope, place.frame)
                frame = program.call_frame(function, call, shape, place.frame)
                if frame is not None:
                    yield frame


def _connected(program: Program, scope: Scope) -> Iterator[Atom]:
    """The signals to which ``scope`` is connected, by a decorator or by a call."""
    outer = scope.parent
    for decorator in getattr(scope.node, "decorator_list", ()):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if outer is not None and last_name(called) in _DECORATORS:
            yield from _connected_by(program, called, decorator, outer)
    for place in program.references(scope):
        call = place.scope.module.parents.get(place.node)
        if not isinstance(call, ast.Call) or last_name(call.func) != "connect":
            continue
        if call.args[:1] == [place.node]:
            yield from _owners(program.evaluate(call.func, place.scope, place.frame))


def _connected_by(program: Program, called: ast.expr, decorator: ast.expr, outer: Scope) -> Value:
    """The signals of ``@receiver(signal)`` and ``@signal.connect``."""
    known = program.evaluate(called, outer)
    if not any(isinstance(each, External) for each in known):
        return _owners(known)
    given = decorator.args[:1] if isinstance(decorator, ast.Call) else []
    listed = [part for each in given for part in getattr(each, "elts", [each])]
    return program.join(program.evaluate(each, outer) for each in listed)


def _owners(known: Value) -> Value:
    return frozenset(each.owner for each in known if isinstance(each, Method))
