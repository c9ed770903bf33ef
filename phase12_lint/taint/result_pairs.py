"""The governed calls of the API that give a result and an envelope."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layers import API, layer_of, layers_of
from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.calls.plugin_runs import is_run_of_choke_point
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.domain import ERROR_FIELDS
from phase12_lint.taint.envelopes import is_envelope_leaf
from phase12_lint.values.atoms import UNKNOWN, Atom, Container, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_WAITING = {"to_thread", "run_in_threadpool", "run_in_executor", "submit", "run_sync", "partial"}
_OF_A_RECORD = {"id", "state", "status", "job_id"}


class Pairs(NamedTuple):
    """The governed calls that give a result and an envelope: those of the API, and those ``below`` it, in the layers'
    own classes; and the calls of the API that give the result alone, for a layer raises the error.
    """

    api: dict[ast.Call, GovernedCall]
    below: dict[ast.Call, GovernedCall]
    alone: dict[ast.Call, GovernedCall]


def pairs_of(program: Program) -> Pairs:
    """What the governed calls give whose result comes back where they stand."""
    found = Pairs({}, {}, {})
    last = layers_of(program).last
    for node, call in governed_calls(program).items():
        if not isinstance(node, ast.Call) or call.deferred or call.layer in (None, API):
            continue
        layer = layer_of(program, call.scope)
        if layer in (None, API):
            if not call.handed:
                is_alone = _gives_result_alone(program, node, call.scope)
                if is_alone or _may_give_pair(program, node, call.scope):
                    (found.alone if is_alone else found.api)[node] = call
            elif last_name(node.func) in _WAITING:
                found.api[node] = call
        elif layer != last and not call.handed and _may_give_pair(program, node, call.scope):
            found.below[node] = call
    return found


def gives_pair(
    program: Program,
    pairs: Mapping[ast.Call, GovernedCall],
    node: ast.Call,
    scope: Scope,
    frame: Frame | None,
) -> bool:
    """Whether ``node``, if it is one of ``pairs``, is that under the call ``frame``, too: what a wrapper was given to
    call is a layer's function in one call of it and something else in the next.
    """
    call = pairs.get(node)
    if call is None or frame is None or not all(each.is_passed_through for each in call.callees):
        return call is not None
    callee = program.evaluate(node.func, scope, frame)
    of_layers = {each.scope for each in call.callees if each.layer is not None}
    return not all(isinstance(atom, Function) and atom.scope not in of_layers for atom in callee)


def helpers_of(program: Program) -> Mapping[ast.Call, GovernedCall]:
    """The calls in a route of a function that is no layer's and makes a governed call itself."""
    layers = layers_of(program)
    return {
        node: call
        for node, call in governed_calls(program).items()
        if isinstance(node, ast.Call)
        and call.layer is None
        and not call.deferred
        and layers.written_in(call.scope) == API
    }


def _may_give_pair(program: Program, node: ast.Call, scope: Scope) -> bool:
    value = program.evaluate(node, scope)
    if not value or any(_may_be_pair(program, atom) for atom in value):
        return True
    found = leaves(program, Leaf(node, scope, None), partial(is_envelope_leaf, program))
    return any(is_envelope_leaf(program, leaf) for leaf in found)


def _gives_result_alone(program: Program, node: ast.Call, scope: Scope) -> bool:
    """Whether ``node`` is seen to give the plugin's result alone: its callee raises where there is an error."""

    def is_run(leaf: Leaf) -> bool:
        return not leaf.path and is_run_of_choke_point(program, leaf.node)

    found = leaves(program, Leaf(node, scope, None), is_run)
    others = [leaf.node for leaf in found if not is_run(leaf)]
    return len(others) < len(found) and all(getattr(each, "value", ...) is None for each in others)


def _may_be_pair(program: Program, atom: Atom) -> bool:
    """Whether a value is left open, a tuple, or a record or dict of a result and an error."""
    if isinstance(atom, Instance):
        if not isinstance(atom.cls, ClassInfo):
            return not program.governed.is_known_external(atom.cls)
        fields = {*(atom.cls.fields(program) or ()), *atom.cls.writes()}
        return not fields.isdisjoint(ERROR_FIELDS) and fields.isdisjoint(_OF_A_RECORD)
    if isinstance(atom, Container) and atom.kind == "dict":
        keys = {getattr(key, "text", "") for key in program.element(atom, "keys")}
        return not keys.isdisjoint(ERROR_FIELDS)
    return atom is UNKNOWN or (isinstance(atom, Container) and atom.kind == "tuple")
