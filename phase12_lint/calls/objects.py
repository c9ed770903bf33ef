"""Calls on one object: they lead where calls on its class do only by what that object was given.

The search goes upwards from the entries and takes all objects of a class for one: ``queue.finish()`` runs what any
queue was given. Each call on an object whose making is known is therefore gone down again, hop by hop, with what is
known of that object alone. A hop falls away where something else comes to it on this object than what it leads to.
Where the object is lost on the way, the hop stays.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from phase12_lint.calls.reached import Edge, Target
from phase12_lint.calls.receivers import is_open
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Atom, Function, Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.program import Program

_Hop = tuple[Scope, Frame]


def leading(program: Program, edges: Collection[Edge], ends: Collection[Scope]) -> Set[Edge]:
    """Those of ``edges`` that lead to one of the functions ``ends``, each object taken for itself."""
    descent = _Descent(program, edges, ends)
    above: dict[Target | None, list[Edge]] = {}
    for edge in edges:
        if descent.leads(edge):
            above.setdefault(edge.target, []).append(edge)
    found: set[Edge] = set()
    pending = [target for target in above if target is None or target.scope in ends]
    while pending:
        for edge in above.pop(pending.pop(), ()):
            found.add(edge)
            if edge.caller is not None:
                pending.append(edge.caller)
    return found


class _Descent:
    """The ways down along ``edges`` to the functions ``ends``."""

    def __init__(self, program: Program, edges: Iterable[Edge], ends: Collection[Scope]) -> None:
        self._program = program
        self._ends = ends
        self._edges: dict[Scope, list[Edge]] = {}
        self._known: dict[_Hop, Sequence[_Hop | None]] = {}
        for edge in edges:
            if edge.caller is not None:
                self._edges.setdefault(edge.caller.scope, []).append(edge)

    def leads(self, edge: Edge) -> bool:
        """Whether the call of ``edge`` leads on; of what is no call on known objects that is taken for granted."""
        target, func = edge.target, getattr(edge.call.node, "func", None)
        if target is None or target.frame is not None or not isinstance(func, ast.Attribute):
            return True
        value = self._program.evaluate(func.value, edge.call.scope)
        objects = [atom for atom in value if isinstance(atom, Instance) and atom.site is not None]
        if len(objects) < len(value) or not all(isinstance(atom.cls, ClassInfo) for atom in objects):
            return True
        functions = (self._program.method(atom, func.attr) for atom in objects)
        own = [each for each in functions if each is not None and each.scope is target.scope]
        return not own or self._reaches(self._hop(each, self._on(each.receiver, each.scope)) for each in own)

    def _reaches(self, hops: Iterable[_Hop | None]) -> bool:
        """Whether one of ``hops``, or one that follows, ends where all calls lead on."""
        pending = list(hops)
        met = set(pending)
        while pending:
            hop = pending.pop()
            if hop is None:
                return True
            fresh = [each for each in self._after(hop) if each not in met]
            met.update(fresh)
            pending += fresh
        return False

    def _hop(self, function: Function, frame: Frame | None) -> _Hop | None:
        """The call ``frame`` of ``function``; None if it is an end, or if nothing is known of the call."""
        return None if frame is None or function.scope in self._ends else (function.scope, frame)

    def _on(self, receiver: Atom | None, scope: Scope) -> Frame | None:
        """Any call of the method ``scope`` on ``receiver``, where that is one object."""
        if not isinstance(receiver, Instance) or receiver.site is None:
            return None
        return self._program.receiver_frame(receiver, scope)

    def _after(self, hop: _Hop) -> Sequence[_Hop | None]:
        """The calls that the call ``hop`` makes."""
        if hop not in self._known:
            scope, frame = hop
            edges = self._edges.get(scope, ())
            self._known[hop] = [each for edge in edges for each in self._along(edge, frame)]
        return self._known[hop]

    def _along(self, edge: Edge, frame: Frame) -> Iterator[_Hop | None]:
        """Where ``edge`` leads under the call ``frame`` of its caller."""
        node, scope, target = edge.call.node, edge.call.scope, edge.target
        if target is None or not isinstance(node, ast.Call):
            yield None
            return
        handed = [*node.args, *(keyword.value for keyword in node.keywords)] if edge.call.handed else []
        for each in (node.func, *handed):
            if not _functions(self._program.evaluate(each, scope), target.scope):
                continue
            value = self._program.evaluate(each, scope, frame)
            found = _functions(value, target.scope)
            yield from (self._hop(one, self._called(one, node, scope, frame)) for one in found)
            if any(is_open(frozenset({atom})) for atom in value) or not value:
                yield None
            return
        yield None

    def _called(self, function: Function, node: ast.Call, scope: Scope, frame: Frame) -> Frame | None:
        """What is known of the call of ``function`` that is made at ``node`` under ``frame``."""
        shorter = self._on(frame.receiver, frame.scope)
        for around in (frame, shorter):
            if around is not None:
                called = self._program.call_frame(function, node, shape_of(node, scope, around), around)
                if called is not None:
                    return called
        on = self._on(function.receiver, function.scope)
        if on is not None or function.closure is None:
            return on
        return self._program.call_frame(function, function.scope.node, Shape((), ()), None)


def _functions(value: Value, scope: Scope) -> list[Function]:
    return [atom for atom in value if isinstance(atom, Function) and atom.scope is scope]
