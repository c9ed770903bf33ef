"""The questions that a program is asked, and which function answers each."""

from __future__ import annotations

from collections.abc import Callable

from phase12_lint.values import (
    adoption,
    attributes,
    containers,
    destinations,
    expressions,
    handing,
    inside,
    mentions,
    mutations,
    names,
    parameters,
    same_object,
    stored_elsewhere,
    subclasses,
    unseen,
)
from phase12_lint.values.solver import Answer

FAR = frozenset(
    (
        "frames",
        "references",
        "places",
        "same",
        "followed",
        "mutations",
        "stores",
        "constructions",
        "subclasses",
    )
)
FAR |= {"kept", "plugin lines", "pipeline lines", "adopted", "escapes", "holders", "inside"}
"""Answered by looking for what is elsewhere."""

VALUED = {"value", "define", "global", "parameter", "result", "attribute", "stores", "elements", "kept"}
"""Answered by what an expression may be."""

ANSWERS: dict[str, Callable[..., Answer]] = {
    "value": expressions.expression,
    "define": names.define,
    "global": names.compute_global,
    "parameter": parameters.compute_parameter,
    "result": parameters.compute_result,
    "attribute": attributes.compute_attribute,
    "stores": stored_elsewhere.compute_stores,
    "kept": unseen.compute_kept,
    "elements": containers.compute_elements,
    "mutations": mutations.compute_mutations,
    "frames": handing.compute_frames,
    "escapes": handing.compute_escapes,
    "places": destinations.compute_places,
    "same": same_object.compute_same,
    "followed": destinations.compute_followed,
    "successors": destinations.compute_successors,
    "references": destinations.compute_references,
    "holders": mentions.compute_holders,
    "constructions": subclasses.compute_constructions,
    "subclasses": subclasses.compute_subclasses,
    "plugin lines": subclasses.compute_plugin_lines,
    "pipeline lines": subclasses.compute_pipeline_lines,
    "adopted": adoption.compute_adopted,
    "inside": inside.compute_inside,
}
