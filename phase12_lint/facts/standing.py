"""Where a finding stands among the layers, for the reports that draw it."""

from __future__ import annotations

from phase12_lint.calls.layers import layers_of
from phase12_lint.facts.crossings import Crossing
from phase12_lint.facts.layer_imports import LayerImport
from phase12_lint.model import PLUGIN_RUN, Standing
from phase12_lint.values.places import Fact, Reflection, Replacement, RunAccess
from phase12_lint.values.program import Program


def standing_of(program: Program, fact: Fact) -> Standing:
    """The standing of what is found about ``fact``."""
    layers, name = layers_of(program), program.policy.name
    if isinstance(fact, LayerImport):
        return Standing(name, layers.names[fact.source], layers.names[fact.target])
    if isinstance(fact, Crossing):
        source = "" if fact.source is None else layers.names[fact.source]
        return Standing(name, source, layers.names[fact.target])
    number = layers.last if fact.inside else layers.written_in(fact.scope)
    here = "" if number is None else layers.names[number]
    if isinstance(fact, (RunAccess, Reflection)):
        return Standing(name, here, PLUGIN_RUN)
    return Standing(name, here, layers.names[layers.last] if isinstance(fact, Replacement) else here)
