"""What is sent to generators, ``made.send(value)`` where ``made`` is what a call of the function gives, and what they
return."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ANYTHING, Atom, Container, Site, Value
from phase12_lint.values.frames import Argument
from phase12_lint.values.loads import place_order
from phase12_lint.values.ordering import frame_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_SENDING_IN = {"send", "asend"}


def sent(program: Program, scope: Scope) -> Iterator[Argument]:
    """What is sent to the generators that ``scope`` makes."""
    if not any(
        name in module.loads for name in _SENDING_IN for module in program.project.modules_reading(name)
    ):
        return
    for frame in sorted(program.ask(("frames", scope)), key=frame_order):
        where = frame.shape.where
        made = program.places(frame.site, where) if where is not None else ()
        for place in sorted(made, key=place_order):
            parent = place.scope.module.parents.get(place.node)
            call = place.scope.module.parents.get(parent) if isinstance(parent, ast.Attribute) else None
            if (
                isinstance(call, ast.Call)
                and getattr(parent, "attr", "") in _SENDING_IN
                and not place.wrapped
            ):
                yield from (Argument(each, place.scope, place.frame) for each in call.args[:1])


def returned(program: Program, value: Value) -> Value:
    """What ``yield from value`` gives: what the generator returns."""
    found: set[Atom] = set()
    for atom in value:
        if isinstance(atom, Container) and atom.kind == "generator":
            found |= atom.items[-1]
        elif (
            isinstance(atom, Container)
            and isinstance(atom.site, Site)
            and isinstance(atom.site.node, ast.FunctionDef)
        ):
            for node in atom.site.scope.returns:
                found |= program.evaluate(node, atom.site.scope, atom.site.frame)
        else:
            found |= ANYTHING
    return frozenset(found)
