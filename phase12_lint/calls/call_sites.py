"""What is done with a function at a place that has it: called, sent to a queue, or handed to something outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.calls.access import use_of
from phase12_lint.calls.receivers import Mention
from phase12_lint.calls.tasks import only_starts, only_submits
from phase12_lint.syntax.scopes import Param, Scope, last_name
from phase12_lint.values import models
from phase12_lint.values.atoms import NONE, OTHER, UNKNOWN, Container, External, Function, Method, Text, Value
from phase12_lint.values.frames import Frame
from phase12_lint.values.handing import SENDING, is_outside, passes_on
from phase12_lint.values.injection import is_injecting
from phase12_lint.values.loads import Place, place_order
from phase12_lint.values.program import Program

_WRAPPING = {"functools.partial", "functools.partialmethod", "functools.wraps", "functools.update_wrapper"}
_DIRECT = {"__call__", "call_local"}
_RUNNING = {"to_thread", "run_in_threadpool", "run_in_executor", "run_sync", "submit"}
_GIVING = {"run", "map", "imap", "imap_unordered", "starmap", "apply"}
_KEPT = {"staticmethod", "classmethod", "property"}
TASK_MAKERS = {"task", "periodic_task", "db_task", "local_task", "shared_task", "actor", "job"}
_STARTERS = {
    "Thread",
    "Timer",
    "Process",
    "start_new_thread",
    "call_soon",
    "call_later",
    "call_soon_threadsafe",
}
_STARTERS |= {
    "add_task",
    "add_job",
    "enqueue",
    "register",
    "signal",
    "add_signal_handler",
    "add_done_callback",
}
_STARTING = ("start_", "create_", "add_", "register_", "set_", "subscribe_")
"""How the name of what starts something begins: ``asyncio.start_server``, ``nursery.start_soon``, of what makes
something that calls back later: ``loop.create_server``, and of what keeps a callback: ``server.add_handler``."""
_TAKING = {"pop", "discard", "remove", "index", "count"}


class Call(NamedTuple):
    """A call of the function, in ``scope`` under ``frame``; what stands ``inside`` then reaches it, too.

    ``handed`` if it only hands the function over, ``deferred`` if the function then runs when this call is over,
    ``wraps`` if a decorator's wrapper makes it, ``given`` if what it calls is a parameter.
    """

    node: ast.expr
    scope: Scope
    frame: Frame | None
    inside: Scope
    on_behalf: Scope | None = None
    handed: bool = False
    deferred: bool = False
    wraps: bool = False
    given: bool = False


def calls_of(program: Program, mention: Mention) -> Iterator[Call]:
    """Every call that comes of ``mention``."""
    for call in _calls_of(program, mention):
        starts = only_starts(program, call.node, call.scope, call.frame)
        starts = starts or (call.handed and only_submits(call.node, call.scope))
        yield call._replace(wraps=mention.wraps, deferred=call.deferred or starts)


def _calls_of(program: Program, mention: Mention) -> Iterator[Call]:
    if mention.calls:
        yield _call(mention.node, mention.scope, mention.frame, mention.taken)
        return
    start = Place(mention.node, mention.scope, (), mention.frame)
    if start.call is not None:
        yield _call(start.call, mention.scope, mention.frame, mention.taken)
        return
    if use_of(program, mention.node, mention.scope) == "looked":
        return
    seen: set[ast.expr] = set()
    places = [start, *_later(program, start)]
    for place in places:
        yield from _at(program, place, mention, seen)


def _later(program: Program, start: Place) -> list[Place]:
    """Where the value at ``start`` itself comes to, ``start`` apart."""
    followed = (
        program.places(start.node, start.scope) if start.frame is None else program.ask(("followed", start))
    )
    places = (each for each in followed if not each.wrapped and each.node is not start.node)
    return sorted((each for each in places if not _is_data(program, each)), key=place_order)


def _is_data(program: Program, place: Place) -> bool:
    """Whether what is known at ``place``, as by tests before it, leaves nothing there that can be called."""
    value = program.evaluate(place.node, place.scope, place.frame)
    return bool(value) and all(atom in (NONE, OTHER) or isinstance(atom, (Container, Text)) for atom in value)


def _call(node: ast.expr, scope: Scope, frame: Frame | None, taken: Scope | None) -> Call:
    owner = _injected_into(node, scope)
    where = owner or scope
    return Call(node, where, frame, where, taken if taken is not where else None)


def _injected_into(node: ast.expr, scope: Scope) -> Scope | None:
    """The function into a parameter of which ``Depends(f)`` puts what ``f`` gives."""
    parents = scope.module.parents
    current: ast.AST | None = node
    while isinstance(current, (ast.expr, ast.keyword)):
        current = parents.get(current)
    if isinstance(current, ast.arg):
        current = parents.get(current)
    if isinstance(current, ast.arguments):
        return scope.module.scope_of_node.get(parents[current])
    return None


def _annotated(program: Program, call: ast.expr, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """The annotations that stand for ``Annotated[X, Depends(f)]`` under a name, each with the function of it."""
    whole = call
    while isinstance(parent := scope.module.parents.get(whole), ast.expr):
        whole = parent
    if whole is call or isinstance(parent, (ast.arg, ast.arguments)):
        return
    for place in sorted(program.places(whole, scope), key=place_order):
        owner = _injected_into(place.node, place.scope) if not place.wrapped else None
        if owner is not None:
            yield place.node, owner


def _at(program: Program, place: Place, mention: Mention, seen: set[ast.expr]) -> Iterator[Call]:
    """What is done at one place that has the function itself."""
    parents = place.scope.module.parents
    parent = parents.get(place.node)
    taken = mention.taken or mention.scope
    if place.call is not None:
        found = _call(place.call, place.scope, place.frame, taken)
        yield found._replace(given=_is_parameter(place.node, place.scope))
        return
    if isinstance(parent, ast.Attribute) and parent.attr in SENDING:
        sent = parents.get(parent)
        if isinstance(sent, ast.Call) and sent.func is parent:
            sending = _call(sent, place.scope, place.frame, taken)
            yield sending._replace(deferred=parent.attr not in _DIRECT)
        return
    if (
        isinstance(parent, ast.keyword) and parent.arg is not None
    ):  # after ** stands a mapping, and no function
        parent = parents.get(parent)
    if isinstance(parent, ast.Call) and parent.func is not place.node and parent not in seen:
        seen.add(parent)
        yield from _handed(program, parent, place, mention, seen)


def _is_parameter(node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` names a parameter, of ``scope`` or of a function around it."""
    if not isinstance(node, ast.Name):
        return False
    for outer in scope.chain():
        outer.module.bound(outer)
        if node.id in outer.bindings and outer.kind != "class":
            return any(isinstance(each, Param) for each in outer.bindings[node.id])
    return False


def _handed(
    program: Program, call: ast.Call, place: Place, mention: Mention, seen: set[ast.expr]
) -> Iterator[Call]:
    """``call`` is given the function: it runs it, keeps it, or gives back something that stands for it."""
    name = last_name(call.func) or ""
    callee = program.evaluate(call.func, place.scope, place.frame)
    if name in _TAKING or _is_known(callee, name):
        return
    if passes_on(program, callee) or not any(map(_may_run, callee)):
        names = {atom.name for atom in callee if isinstance(atom, External)}
        if not names & _WRAPPING or "functools.partial" not in names:
            return
    if use_of(program, place.node, place.scope) == "looked":
        return
    is_run = name in _RUNNING or (name in _GIVING and not _makes_generators(program, place))
    is_run = is_run or is_injecting(callee)
    later = [] if is_run else list(_stand_ins(program, call, place, mention, seen))
    is_task = isinstance(call.func, ast.Call) and last_name(call.func.func) in TASK_MAKERS
    yield from (found._replace(deferred=found.deferred or is_task) for found in later)
    is_partial = any(isinstance(atom, External) and atom.name in _WRAPPING for atom in callee)
    if not later and not is_partial and not isinstance(call.func, ast.Call):
        found = _call(call, place.scope, place.frame, mention.taken or mention.scope)
        for node, owner in _annotated(program, call, place.scope) if is_injecting(callee) else ():
            yield found._replace(node=node, scope=owner, inside=owner, handed=True)
        yield found._replace(handed=True, deferred=calls_later(call))


def _is_known(callee: Value, name: str) -> bool:
    """Whether functions of the program are called ``name`` there; what is not known besides is taken for such, too."""
    functions = [atom for atom in callee if isinstance(atom, Function)]
    return (
        bool(functions)
        and name not in _RUNNING | _GIVING
        and all(atom is UNKNOWN or isinstance(atom, Function) for atom in callee)
    )


def calls_later(call: ast.expr) -> bool:
    """Whether ``call`` keeps what it is given, to call it by itself: it starts a thread, a server, a listener."""
    name = (last_name(call.func) if isinstance(call, ast.Call) else None) or ""
    return name in _STARTERS or name.startswith(_STARTING)


def _makes_generators(program: Program, place: Place) -> bool:
    """Whether the function at ``place`` only makes a generator when it is run, and works when that is read."""
    atoms = program.evaluate(place.node, place.scope, place.frame)
    functions = [atom.scope for atom in atoms if isinstance(atom, Function)]
    return any(scope.module.bound(scope).yields for scope in functions)


def _may_run(atom: object) -> bool:
    """Whether what is called may call what it is given."""
    if isinstance(atom, Method) and isinstance(atom.owner, (Container, Text)):
        return False
    if isinstance(atom, External) and (
        atom.name in _WRAPPING or atom.name.rpartition(".")[2] in _KEPT or models.keeps(atom.name)
    ):
        return False
    return is_outside(atom)


def _stand_ins(
    program: Program, call: ast.Call, place: Place, mention: Mention, seen: set[ast.expr]
) -> Iterator[Call]:
    """The calls of what ``call`` gives back: of a ``partial``, of a task made of the function, of a wrapper."""
    start = Place(call, place.scope, (), place.frame)
    for later in (start, *_later(program, start)):
        if not later.wrapped:
            yield from _at(program, later, mention, seen)
