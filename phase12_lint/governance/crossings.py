"""The governed calls from one layer to another, and from code of no layer to one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.governance.calls import GovernedCall, governed_calls
from phase12_lint.governance.layers import layers_of
from phase12_lint.survey.facts import Fact
from phase12_lint.survey.program import Program


@dataclass(frozen=True, slots=True)
class Crossing(Fact):
    """A governed call by code of layer ``source`` (None: of no layer) on layer ``target``; ``names`` of all layers.

    ``called`` is what is called, as written.
    """

    called: str
    source: int | None
    target: int
    names: tuple[str, ...]

    @property
    def due(self) -> str:
        """The name of the layer that should be called instead."""
        return self.names[1 if self.source is None else min(self.source + 1, len(self.names) - 1)]


def crossings(program: Program) -> Iterator[Fact]:
    """Every governed call on a layer, by the layer of the code that makes it."""
    layers = layers_of(program)
    for call in governed_calls(program).values():
        if call.layer is None or call.is_passed_through:
            continue
        source = layers.of(call.scope)
        if source is None and call.on_behalf is not None:
            source = layers.of(call.on_behalf)
        yield Crossing(
            call.node,
            call.scope,
            call.evidence,
            source == layers.last,
            call.written,
            source,
            _worst(call, source, call.layer),
            layers.names,
        )


def _worst(call: GovernedCall, source: int | None, lowest: int) -> int:
    """Of several layers that a call may be on, the one that it must not be on, if any."""
    found = [callee.layer for callee in call.callees if callee.layer is not None]
    above = [layer for layer in found if source is not None and layer < source]
    return min(above) if above and lowest in (source, (source or 0) + 1) else lowest
