"""The governed calls of a program: every call that reaches the choke point's entry.

Found from the entries upwards: the places that mention an entry, what is done there, the functions in which that
stands, the places that mention those, and so on. What never leads to an entry is never looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

from phase12_lint.governance.layers import layers_of
from phase12_lint.governance.mentions import Mention, mentions
from phase12_lint.governance.resolution import Known, how_known
from phase12_lint.governance.seeds import Seed, choke_functions, seeds
from phase12_lint.governance.sites import Call, calls_of
from phase12_lint.model import Confidence, Hop
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.evidence import describe
from phase12_lint.survey.facts import Evidence
from phase12_lint.survey.frames import Frame
from phase12_lint.survey.ordering import order
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope

_MOST_TARGETS = 2_000


@dataclass(frozen=True, slots=True)
class Callee:
    """What a governed call calls first: a function (None if it is outside the program) of ``layer``, and how
    that is known (``resolution.how_known``, or ``name``)."""

    scope: Scope | None
    layer: int | None
    how: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class GovernedCall:
    """A call that reaches the choke point's entry. ``node`` is a property's attribute where reading it calls it.

    ``on_behalf`` is the scope that handed over what is called, where another than ``scope`` did; ``handed`` if
    ``node`` only hands the function to something outside the program; ``runs`` if it calls the runner itself;
    ``is_passed_through`` if ``scope`` was given what it calls in its own call, which is a governed call, too;
    ``deferred`` if it returns before the plugin runs: it starts a task or a thread, or queues a job.
    """

    node: ast.expr
    scope: Scope
    callees: tuple[Callee, ...]
    evidence: Evidence
    on_behalf: Scope | None = None
    handed: bool = False
    runs: bool = False
    is_passed_through: bool = False
    deferred: bool = False

    @property
    def layer(self) -> int | None:
        """The layer whose method it calls first, the lowest if there are several; None if it calls a helper."""
        found = [callee.layer for callee in self.callees if callee.layer is not None]
        return max(found) if found else None


class Target(NamedTuple):
    """A function that reaches the entry, under the call ``frame`` if only under that.

    ``deferred`` if it reaches the entry only when the call is over, through a task, a queue or a thread.
    If what it calls was given to it in that call, ``taken`` is the scope that gave it and ``carried`` what it gave.
    """

    scope: Scope
    frame: Frame | None = None
    deferred: bool = False
    taken: Scope | None = None
    carried: Callee | None = None


class _Search:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.layers = layers_of(program)
        self.found: dict[ast.expr, GovernedCall] = {}
        self._queue: list[Target] = []
        self._met: set[Target] = set()

    def run(self) -> Mapping[ast.expr, GovernedCall]:
        for seed in seeds(self.program):
            self._follow_seed(seed)
        for scope in choke_functions(self.program):
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
        self._follow(seed.mention, callee, seed.evidence, seed.layer == self.layers.last)

    def _spread(self, target: Target) -> None:
        frame = target.frame
        if frame is not None and isinstance(frame.site, ast.Call) and frame.shape.where is not None:
            given = Mention(frame.site, frame.shape.where, frame.caller, frame.receiver, True, target.taken)
            self._follow_mention(given, target)
            return
        for mention in mentions(self.program, target.scope):
            self._follow_mention(mention, target)

    def _follow_mention(self, mention: Mention, target: Target) -> None:
        scope, carried = target.scope, target.carried
        known = self._known(mention)
        callee = Callee(scope, self._layer_of_callee(mention, scope), known.how, known.confidence)
        if carried is not None and callee.layer is None:
            callee = replace(carried, scope=scope)
        self._follow(mention, callee, self._evidence(mention, callee), False, target.deferred)

    def _known(self, mention: Mention) -> Known:
        node = mention.node.func if isinstance(mention.node, ast.Call) else mention.node
        if isinstance(node, ast.Attribute) and mention.receiver is not None:
            node = node.value
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

    def _follow(
        self, mention: Mention, callee: Callee, evidence: Evidence, runs: bool, deferred: bool = False
    ) -> None:
        for call in calls_of(self.program, mention):
            passed = call.on_behalf is not None and call.frame is not None and call.frame.scope is call.scope
            later = deferred or call.deferred
            self._record(
                GovernedCall(
                    call.node,
                    call.scope,
                    (callee,),
                    evidence,
                    on_behalf=call.on_behalf,
                    handed=call.handed,
                    runs=runs,
                    is_passed_through=passed,
                    deferred=later,
                )
            )
            if not (call.handed and call.scope.name in ("__init__", "__post_init__")):
                self._climb(call, callee, later)

    def _record(self, call: GovernedCall) -> None:
        before = self.found.get(call.node)
        if before is None:
            self.found[call.node] = call
        else:
            first = call if before.layer is None and call.layer is not None else before
            self.found[call.node] = replace(
                first,
                callees=tuple(dict.fromkeys((*before.callees, *call.callees))),
                runs=before.runs or call.runs,
                is_passed_through=before.is_passed_through and call.is_passed_through,
                deferred=before.deferred and call.deferred,
            )

    def _climb(self, call: Call, callee: Callee, deferred: bool) -> None:
        scope: Scope | None = call.inside
        while scope is not None and scope.kind == "snippet":
            scope = scope.parent
        if scope is not None and scope.is_function and not self._is_plugin_method(scope):
            if call.frame is not None and call.frame.scope is scope:
                carried = callee if call.on_behalf is not None else None
                self._push(Target(scope, call.frame, deferred, call.on_behalf, carried))
            else:
                self._push(Target(scope, None, deferred))

    def _is_plugin_method(self, scope: Scope) -> bool:
        owner = scope.class_scope
        return (
            owner is not None
            and scope.name in self.program.policy.plugin_methods
            and self.program.governed.is_plugin_class(self.program.class_of(owner))
        )

    def _push(self, target: Target) -> None:
        whole = Target(target.scope)
        wider = {target, whole, target._replace(deferred=False), whole._replace(deferred=target.deferred)}
        if self._met.isdisjoint(wider):
            self._met.add(target)
            self._queue.append(target)


_OF_PROGRAM: WeakKeyDictionary[Program, Mapping[ast.expr, GovernedCall]] = WeakKeyDictionary()


def governed_calls(program: Program) -> Mapping[ast.expr, GovernedCall]:
    """Every governed call outside tests by its node, in the order of the files; found once a program."""
    if program not in _OF_PROGRAM:
        _OF_PROGRAM[program] = _Search(program).run()
    return _OF_PROGRAM[program]


def calls_in(program: Program, scope: Scope) -> Iterator[GovernedCall]:
    """The governed calls that stand in ``scope`` or in a function nested in it."""
    for call in governed_calls(program).values():
        if scope in call.scope.chain():
            yield call
