"""The governed calls from one layer to another, and from code of no layer to one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.governed_calls import Callee, GovernedCall, governed_calls
from phase12_lint.calls.layers import Layers, layers_of
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program


@dataclass(frozen=True, slots=True)
class Crossing(Fact):
    """A governed call by code of layer ``source`` (None: of no layer) on layer ``target``.

    ``called`` is what is called, as written.
    """

    called: str
    source: int | None
    target: int


def crossings(program: Program) -> Iterator[Fact]:
    """Every governed call on a layer, by the layer of the code that makes it."""
    layers = layers_of(program)
    for call in governed_calls(program).values():
        ways = [
            (_source(layers, call, callee), callee.layer)
            for callee in call.callees
            if callee.layer is not None and not callee.is_passed_through
        ]
        if ways:
            source, target = max(ways, key=lambda way: _wrong(*way))
            inside = source == layers.last
            yield Crossing(_place(call), call.scope, call.evidence, inside, call.written, source, target)


def _place(call: GovernedCall) -> ast.AST:
    """The call, or the statement around what is called without being written as a call: ``with x``."""
    node: ast.AST = call.node
    while not isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.stmt)):
        node = call.scope.module.parents[node]
    return node


def _source(layers: Layers, call: GovernedCall, callee: Callee) -> int | None:
    number = layers.of(call.scope)
    return layers.of(callee.on_behalf) if number is None and callee.on_behalf is not None else number


def _wrong(source: int | None, target: int) -> int:
    """How wrong a call from one layer to another is: past layers, back upwards, or right."""
    if source is None:
        return target if target > 1 else 0
    return target - source if target not in (source, source + 1) and target > source else source - target


OF_THE_PROGRAM = (crossings,)
