"""The search from the choke point's entries upwards, through the places that mention what reaches them.

The places that mention an entry, what is done there, the functions in which that stands, the places that mention
those, and so on. What never leads to an entry is never looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from phase12_lint.calls.call_sites import Call, calls_of
from phase12_lint.calls.decorated import wrappers_of
from phase12_lint.calls.given import arrives
from phase12_lint.calls.layers import API, layers_of
from phase12_lint.calls.mentions import mentions, stands_in_decorator
from phase12_lint.calls.objects import leading
from phase12_lint.calls.reached import Callee, Edge, GovernedCall, Own, Target
from phase12_lint.calls.receivers import Mention, is_unresolved, receiver_of
from phase12_lint.calls.resolution import Known, how_known
from phase12_lint.calls.routes import is_registration
from phase12_lint.calls.seeds import Seed, entries, named_runners, seeds
from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import UNKNOWN, Atom, ClassRef, Function, Instance, Partial, Sourced, Typed
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import is_run_of_plugin, is_self, takes_receiver
from phase12_lint.values.places import Evidence
from phase12_lint.values.program import Program

_MOST_TARGETS = 2_000


class Search:
    """The search in one program, from its entries and from the functions ``more``; a call leads to ``Edge``s."""

    def __init__(self, program: Program, more: Iterable[Scope] = ()) -> None:
        self.program = program
        self.layers = layers_of(program)
        self.found: dict[ast.expr, GovernedCall] = {}
        self.edges: dict[tuple[object, ...], Edge] = {}
        self._entries = dict.fromkeys(entries(program))
        self._named = program.once(named_runners)
        self._more = tuple(more)
        self._seeded: set[Scope] = set()
        self._queue: list[Target] = []
        self._met: set[Target] = set()
        self._calls: dict[Mention, list[Call]] = {}

    @property
    def targets(self) -> list[Target]:
        """The functions that reach the entry, in the order of the files."""
        return sorted(
            self._met, key=lambda target: (*order(target.scope, target.scope.node), target.deferred)
        )

    def run(self) -> Mapping[ast.expr, GovernedCall]:
        """Every call found, by its node, in the order of the files."""
        for seed in seeds(self.program):
            self._follow_seed(seed)
        named = (scope for scope, gives in self._named.items() if gives)
        for scope in (*self._entries, *named, *self._more):
            self._push(Target(scope))
        while self._queue:
            self._spread(self._queue.pop(0))
            if len(self._met) > _MOST_TARGETS:
                self.program.note(f"more than {_MOST_TARGETS:,} functions lead to a plugin run")
                break
        self._tell_objects_apart()
        ordered = sorted(self.found.values(), key=lambda call: order(call.scope, call.node))
        return {call.node: call for call in ordered}

    def _tell_objects_apart(self) -> None:
        """Let go of the calls on objects that were given nothing that reaches the entry, and of what calls those."""
        ends = {*self._entries, *self._named, *self._more, *self._seeded}
        left = leading(self.program, self.edges.values(), ends)
        gone = [edge for edge in self.edges.values() if edge not in left]
        if not gone:
            return
        self.edges = {key: edge for key, edge in self.edges.items() if edge in left}
        callers = {edge.caller for edge in left}
        lost = (edge.caller for edge in gone if edge.caller is not None and edge.caller not in callers)
        self._met.difference_update(target for target in lost if target.scope not in ends)
        again = {edge.call.node for edge in gone}
        self.found = {node: call for node, call in self.found.items() if node not in again}
        for edge in self.edges.values():
            if edge.call.node in again:
                self._record(edge.call)

    def _follow_seed(self, seed: Seed) -> None:
        callee = Callee(seed.callee, seed.layer, seed.how, seed.evidence.confidence)
        target = Target(seed.callee) if seed.callee is not None else None
        if target is not None:
            self._seeded.add(target.scope)
        self._follow(seed.mention, callee, seed.evidence, target, seed.layer == self.layers.last)

    def _spread(self, target: Target) -> None:
        frame = target.frame
        where = frame.shape.where if frame is not None else None
        if (
            frame is not None
            and isinstance(frame.site, ast.Call)
            and where is not None
            and not stands_in_decorator(self.program, where, target.scope)
        ):
            given = Mention(frame.site, where, frame.caller, frame.receiver, True, target.taken)
            self._follow_mention(given, target)
            return
        for mention in mentions(self.program, target.scope):
            if target.own is None or self._may_have(mention, target.own):
                self._follow_mention(mention, target)

    def _may_have(self, mention: Mention, own: Own) -> bool:
        """The same for all that ``mention`` may be taken from."""
        owner = mention.node.value if own.of_object and isinstance(mention.node, ast.Attribute) else None
        value = arrives(self.program, owner, mention.scope, mention.frame) if owner is not None else ()
        objects: list[Atom] = [atom for atom in value if isinstance(atom, (Instance, ClassRef))]
        return any(self._has(atom, own) for atom in objects or (mention.receiver,))

    def _has(self, receiver: Atom | None, own: Own) -> bool:
        """Whether ``self.x`` may be the function where ``self`` is ``receiver``."""
        if not isinstance(receiver, (Instance, ClassRef)) or not isinstance(receiver.cls, ClassInfo):
            return True
        owner = own.function.class_scope
        if owner is not None and self.program.is_subclass(self.program.class_of(owner), receiver.cls):
            return True
        value = self.program.evaluate(own.node, own.method, self.program.receiver_frame(receiver, own.method))
        if own.of_object and owner is not None:
            is_open = any(not isinstance(atom, (Instance, ClassRef)) for atom in value)
            cls = self.program.class_of(owner)
            return is_open or receiver_of(self.program, value, cls, own.function) is not None
        if not value or any(isinstance(atom, (Partial, Typed, Sourced)) or atom is UNKNOWN for atom in value):
            return True
        standing = {own.function, *(each.scope for each in wrappers_of(self.program, own.function))}
        return any(isinstance(atom, Function) and atom.scope in standing for atom in value)

    def _follow_mention(self, mention: Mention, target: Target) -> None:
        scope, carried = target.scope, target.carried
        known = self._known(mention)
        callee = Callee(scope, self._layer_of_callee(mention, scope), known.how, known.confidence)
        if carried is not None and callee.layer in (None, self.layers.of(mention.scope)):
            callee = replace(carried, scope=scope)
        runs = scope in self._entries or scope in self._named
        self._follow(mention, callee, self._evidence(mention, callee), target, runs)

    def _known(self, mention: Mention) -> Known:
        node = mention.node.func if isinstance(mention.node, ast.Call) else mention.node
        if isinstance(node, ast.Attribute) and mention.receiver is not None:
            node = node.value
            value = self.program.evaluate(node, mention.scope)
            if isinstance(mention.receiver, Instance) and is_unresolved(self.program, value):
                return Known("name")
        return how_known(self.program, node, mention.scope)

    def _layer_of_callee(self, mention: Mention, scope: Scope) -> int | None:
        cls = getattr(mention.receiver, "cls", None)
        if isinstance(cls, (ClassInfo, str)):
            number = self.layers.of_class(cls)
            if number is not None:
                return number
        if scope.class_scope is None and self.layers.is_nested(scope):
            return None
        return self.layers.written_in(scope)

    def _evidence(self, mention: Mention, callee: Callee) -> Evidence:
        assert callee.scope is not None
        module = callee.scope.module
        line, column = module.lines.position(callee.scope.node)
        hop = Hop(module.path, line, column, f"`{callee.scope.qualified_name}` reaches the choke point")
        node = mention.node.func if isinstance(mention.node, ast.Call) else mention.node
        return Evidence(describe(node), callee.confidence, (hop,))

    def _calls_of(self, mention: Mention) -> list[Call]:
        """The calls of ``mention``, which is met again with each call of the function that it is."""
        if mention not in self._calls:
            self._calls[mention] = list(calls_of(self.program, mention))
        return self._calls[mention]

    def _follow(
        self, mention: Mention, callee: Callee, evidence: Evidence, target: Target | None, runs: bool
    ) -> None:
        if mention.wraps and runs:  # what a decorator puts around an entry is the entry
            return
        deferred = target is not None and target.deferred
        for call in self._calls_of(mention):
            if call.handed and callee.layer in (None, API) and is_registration(call.node):
                continue
            found = _governed(call, callee, evidence, runs, deferred)
            self._record(found)
            if mention.wraps:
                continue
            caller = None
            if not (call.handed and call.scope.name in ("__init__", "__post_init__")):
                caller = self._climb(call, found, callee, target)
            key = (caller, call.node, call.scope, callee.scope, target)
            self.edges.setdefault(key, Edge(caller, found, target))

    def _record(self, call: GovernedCall) -> None:
        before = self.found.get(call.node)
        if before is None:
            self.found[call.node] = call
        else:
            first = call if before.layer is None and call.layer is not None else before
            self.found[call.node] = replace(
                first,
                callees=_joined(before.callees, call.callees[0]),
                runs=before.runs or call.runs,
                deferred=before.deferred and call.deferred,
                is_late=before.is_late and call.is_late,
            )

    def _climb(self, call: Call, found: GovernedCall, callee: Callee, target: Target | None) -> Target | None:
        scope: Scope | None = call.inside
        while scope is not None and scope.kind == "snippet":
            scope = scope.parent
        if scope is None or not scope.is_function or is_run_of_plugin(self.program, scope):
            return None
        if call.frame is not None and call.frame.scope is scope:
            carried = callee if call.on_behalf is not None else None
            given = _given(call, callee)
            return self._push(Target(scope, call.frame, found.deferred, call.on_behalf, carried, given=given))
        own = _own(call, callee) or (_handed_on(call, target) if target is not None else None)
        return self._push(Target(scope, None, found.deferred, own=own))

    def _push(self, target: Target) -> Target:
        """The same target, or the wider one that is there already."""
        whole = Target(target.scope)
        late = whole._replace(deferred=target.deferred)
        for wider in (whole, late, target._replace(deferred=False), target):
            if wider in self._met:
                return wider
        self._met.add(target)
        self._queue.append(target)
        return target


def _joined(known: tuple[Callee, ...], more: Callee) -> tuple[Callee, ...]:
    if any(callee.scope is more.scope and callee.layer == more.layer for callee in known):
        return known
    return (*known, more)


def _governed(call: Call, callee: Callee, evidence: Evidence, runs: bool, deferred: bool) -> GovernedCall:
    framed = call.frame is not None and call.frame.scope is call.scope
    given = call.on_behalf is not None and (framed or call.given)
    callee = replace(callee, on_behalf=call.on_behalf, is_passed_through=given or call.wraps)
    sure = Confidence.CERTAIN if call.on_behalf is None else Confidence.INFERRED
    evidence = replace(evidence, confidence=min(evidence.confidence, sure))
    late = deferred or call.deferred
    return GovernedCall(call.node, call.scope, (callee,), evidence, call.handed, runs, late, deferred)


def _own(call: Call, callee: Callee) -> Own | None:
    """``self.x`` if that is what ``call`` calls, and it is what was stored there or what a subclass has there."""
    node, method = call.node, call.inside
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or callee.scope is None:
        return None
    owner, function = method.class_scope, callee.scope
    params = method.module.bound(method).params
    if owner is None or not params or getattr(node.func.value, "id", None) != params[0].node.arg:
        return None
    return Own(node.func, method, function) if function.class_scope is not owner else None


def _given(call: Call, callee: Callee) -> Own | None:
    """The parameter of which ``call`` calls a method."""
    func = call.node.func if isinstance(call.node, ast.Call) else None
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name) or callee.scope is None:
        return None
    return Own(func.value, call.scope, callee.scope, True) if callee.scope.class_scope is not None else None


def _handed_on(call: Call, target: Target) -> Own | None:
    """``self`` if ``call`` hands it on to ``target``, which then calls a method of it."""
    frame, given = target.frame, target.given
    if frame is None or given is None or frame.site is not call.node or not isinstance(given.node, ast.Name):
        return None
    bound = frame.bound.get(given.node.id, ())
    if len(bound) != 1 or bound[0].path or not is_self(bound[0].node, call.inside):
        return None
    is_method = call.inside.method is call.inside and takes_receiver(call.inside)
    return Own(bound[0].node, call.inside, given.function, True) if is_method else None
