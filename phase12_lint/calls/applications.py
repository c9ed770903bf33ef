"""Which exception handlers a governed route may meet: those of an application that may serve it.

An application is the call that makes it, ``FastAPI()``, whatever it is called later; a router belongs to what includes
it. A handler is left out only where it is known that its application does not serve the route: both are seen to be
made, and the route is seen to be served by another one. Where that is not seen, a handler counts if its file refers to
the governed program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.calls.routes import Receiver, receivers_of_route, told_handlers
from phase12_lint.calls.surroundings import refers_to_the_governed_program
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.program import Program

_INCLUDING = (
    *("include_router", "include_routers", "register_blueprint", "register_blueprints", "mount"),
    *("add_router", "blueprint", "add_subapp", "include_in_app"),
)
APPLICATIONS = {
    "FastAPI",
    "Starlette",
    "Flask",
    "Quart",
    "Sanic",
    "Application",
    "Litestar",
    "Bottle",
    "NinjaAPI",
}


class Handler(NamedTuple):
    """A function that is given the exceptions of an application's routes, and who it was told to."""

    scope: Scope
    told: tuple[Receiver, ...]


def handlers(program: Program) -> list[Handler]:
    """Every exception handler outside tests."""
    return [
        Handler(scope, tuple(told))
        for scope, told in told_handlers(program).items()
        if not scope.module.exempt
    ]


def serves(program: Program, handler: Handler, routes: Iterable[Scope]) -> bool:
    """Whether one of ``routes`` may run under ``handler``."""
    tree = program.once(_Inclusions)
    homes = tree.made_by(handler.told)
    if homes is None:
        return refers_to_the_governed_program(program, handler.scope.module)
    whole = any(receiver.whole for receiver in handler.told)
    served = tree.around(homes) if whole else tree.below(homes)
    open_ones = False
    for route in routes:
        made = tree.made_by(receivers_of_route(program, route))
        if made is not None and not made.isdisjoint(served):
            return True
        open_ones = open_ones or made is None or not tree.is_served(made)
    return open_ones and refers_to_the_governed_program(program, handler.scope.module)


class _Inclusions:
    """Which router is included in which, each by the call that makes it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._parents: dict[ast.expr, set[ast.expr | None]] = {}
        self._children: dict[ast.expr, set[ast.expr]] = {}
        for outer, inner in self._included():
            for made in filter(None, self._made(inner)):
                for parent in self._made(outer):
                    self._parents.setdefault(made, set()).add(parent)
                    if parent is not None:
                        self._children.setdefault(parent, set()).add(made)

    def made_by(self, receivers: Iterable[Receiver]) -> set[ast.expr] | None:
        """The calls that make ``receivers``; None if one of them is not seen to be made, or there is none."""
        found = {made for receiver in receivers for made in self._made(receiver)}
        known = {made for made in found if made is not None}
        return known if known and len(known) == len(found) else None

    def below(self, homes: set[ast.expr]) -> set[ast.expr]:
        """``homes``, and what is included in them."""
        return _closure(homes, self._children)

    def around(self, homes: set[ast.expr]) -> set[ast.expr]:
        """What is included in the applications that ``homes`` are included in."""
        return self.below(self._above(homes))

    def is_served(self, homes: set[ast.expr]) -> bool:
        """Whether it is seen of each of ``homes`` in which applications it is, and that it is in one."""
        return all(
            None not in self._parents.get(each, ())
            and any(_is_application(above) for above in self._above({each}))
            for each in homes
        )

    def _above(self, homes: set[ast.expr]) -> set[ast.expr]:
        return _closure(homes, self._parents)

    def _included(self) -> Iterator[tuple[Receiver, Receiver]]:
        for name in _INCLUDING:
            for module in self._program.project.modules_reading(name):
                for load in module.loads.get(name, ()):
                    call = module.parents.get(load)
                    if isinstance(load, ast.Attribute) and isinstance(call, ast.Call) and call.func is load:
                        scope = module.scopes[load]
                        for given in (*call.args, *(keyword.value for keyword in call.keywords)):
                            yield Receiver(load.value, scope), Receiver(given, scope)

    def _made(self, receiver: Receiver) -> Iterator[ast.expr | None]:
        for leaf in leaves(self._program, Leaf(receiver.node, receiver.scope, None)):
            yield leaf.node if isinstance(leaf.node, ast.Call) and not leaf.path else None


def _closure(homes: set[ast.expr], following: Mapping[ast.expr, Set[ast.expr | None]]) -> set[ast.expr]:
    """``homes``, and what is seen to follow on them, directly or through others."""
    found, pending = set(homes), list(homes)
    while pending:
        fresh = {each for each in following.get(pending.pop(), ()) if each is not None} - found
        found |= fresh
        pending += fresh
    return found


def _is_application(made: ast.expr) -> bool:
    return isinstance(made, ast.Call) and last_name(made.func) in APPLICATIONS
