"""The search from the choke point's entries upwards, through the places that mention what reaches them.

The places that mention an entry, what is done there, the functions in which that stands, the places that mention
those, and so on. What never leads to an entry is never looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from phase12_lint.calls.call_sites import Call, calls_of
from phase12_lint.calls.layers import API, layers_of
from phase12_lint.calls.mentions import mentions, stands_in_decorator
from phase12_lint.calls.reached import Callee, Edge, GovernedCall, Own, Target
from phase12_lint.calls.receivers import Mention, is_unresolved
from phase12_lint.calls.resolution import Known, how_known
from phase12_lint.calls.routes import is_registration
from phase12_lint.calls.seeds import Seed, entries, named_runners, seeds
from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import UNKNOWN, Atom, ClassRef, Function, Instance, Partial, Sourced, Typed
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import is_run_of_plugin
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
                self.program.note(f"more than {_MOST_TARGETS} functions reach the choke point")
                break
        ordered = sorted(self.found.values(), key=lambda call: order(call.scope, call.node))
        return {call.node: call for call in ordered}

    def _follow_seed(self, seed: Seed) -> None:
        callee = Callee(seed.callee, seed.layer, seed.how, seed.evidence.confidence)
        target = Target(seed.callee) if seed.callee is not None else None
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
            if target.own is None or self._has(mention.receiver, target.own):
                self._follow_mention(mention, target)

    def _has(self, receiver: Atom | None, own: Own) -> bool:
        """Whether ``self.x`` may be the function where ``self`` is ``receiver``."""
        if not isinstance(receiver, (Instance, ClassRef)) or not isinstance(receiver.cls, ClassInfo):
            return True
        owner = own.function.class_scope
        if owner is not None and self.program.is_subclass(self.program.class_of(owner), receiver.cls):
            return True
        value = self.program.evaluate(own.node, own.method, self.program.receiver_frame(receiver, own.method))
        if not value or any(isinstance(atom, (Partial, Typed, Sourced)) or atom is UNKNOWN for atom in value):
            return True
        return any(isinstance(atom, Function) and atom.scope is own.function for atom in value)

    def _follow_mention(self, mention: Mention, target: Target) -> None:
        scope, carried = target.scope, target.carried
        known = self._known(mention)
        callee = Callee(scope, self._layer_of_callee(mention, scope), known.how, known.confidence)
        if carried is not None and callee.layer is None:
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
                caller = self._climb(call, found, callee)
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
            )

    def _climb(self, call: Call, found: GovernedCall, callee: Callee) -> Target | None:
        scope: Scope | None = call.inside
        while scope is not None and scope.kind == "snippet":
            scope = scope.parent
        if scope is None or not scope.is_function or is_run_of_plugin(self.program, scope):
            return None
        if call.frame is not None and call.frame.scope is scope:
            carried = callee if call.on_behalf is not None else None
            return self._push(Target(scope, call.frame, found.deferred, call.on_behalf, carried))
        return self._push(Target(scope, None, found.deferred, own=_own(call, callee)))

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
    return GovernedCall(call.node, call.scope, (callee,), evidence, call.handed, runs, late)


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
