"""The governed calls of the API that give a result and an envelope."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layers import API, layer_of, layers_of
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.domain import ERROR_FIELDS
from phase12_lint.values.atoms import UNKNOWN, Atom, Container, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_WAITING = {"to_thread", "run_in_threadpool", "run_in_executor", "submit", "run_sync", "partial"}
_OF_A_RECORD = {"id", "state", "status", "job_id"}


def pairs_of(program: Program) -> Mapping[ast.Call, GovernedCall]:
    """The calls of a layer outside the layers' own classes, whose result comes back where they stand."""
    return {
        node: call
        for node, call in governed_calls(program).items()
        if isinstance(node, ast.Call) and _gives_pair(program, node, call)
    }


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


def _gives_pair(program: Program, node: ast.Call, call: GovernedCall) -> bool:
    if call.deferred or call.layer is None or layer_of(program, call.scope) not in (None, API):
        return False
    if call.handed:
        return last_name(node.func) in _WAITING
    value = program.evaluate(node, call.scope)
    return not value or any(_may_be_pair(program, atom) for atom in value)


def _may_be_pair(program: Program, atom: Atom) -> bool:
    """Whether a value is left open, a tuple, or a record or dict of a result and an error."""
    if isinstance(atom, Instance):
        if not isinstance(atom.cls, ClassInfo):
            return not program.governed.is_known_external(atom.cls)
        fields = set(atom.cls.fields(program) or ())
        return not fields.isdisjoint(ERROR_FIELDS) and fields.isdisjoint(_OF_A_RECORD)
    if isinstance(atom, Container) and atom.kind == "dict":
        keys = {getattr(key, "text", "") for key in program.element(atom, "keys")}
        return not keys.isdisjoint(ERROR_FIELDS)
    return atom is UNKNOWN or (isinstance(atom, Container) and atom.kind == "tuple")
