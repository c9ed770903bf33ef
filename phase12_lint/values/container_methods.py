"""What the methods and operators of containers give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values import enumerations
from phase12_lint.values.atoms import ANYTHING, ELSE, JUST_NONE, NOTHING, Container, Typed, Value
from phase12_lint.values.containers import elements, iterate
from phase12_lint.values.frames import Frame, Shape
from phase12_lint.values.keys import KEYS, VALUES
from phase12_lint.values.mutations import MUTATORS

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


_LOOKING_UP = {
    *("get", "pop", "setdefault", "__getitem__", "get_nowait", "popleft", "peek", "result", "recv"),
    *("receive", "receive_nowait"),
}
_WHOLE = {
    "values",
    "__iter__",
    "__aiter__",
    "elements",
    "copy",
    "clone",
    "union",
    "intersection",
    "difference",
}
TAKING = _LOOKING_UP | {"values", "items", "popitem", "copy", "keys"}


def method(program: Program, container: Container, name: str, shape: Shape) -> Value:
    """The result of calling method ``name`` of ``container``."""
    given = [program.argument(argument) for argument in shape.positional]
    if name in _LOOKING_UP:
        return _looked_up(program, container, given) | (given[1] if len(given) > 1 else NOTHING)
    if name in ("__next__", "__anext__", "next", "send", "asend"):
        return elements(program, container, VALUES)
    if name in _WHOLE:
        if name == "values" or container.kind != "dict":
            return frozenset({Container("list", None, (elements(program, container, VALUES),))})
        return frozenset({container})
    if name == "new_child":
        return frozenset({container}).union(*given)
    if name in ("items", "popitem", "iteritems"):
        keys, values = elements(program, container, KEYS), elements(program, container, VALUES)
        pair = Container("tuple", None, (keys, values), True)
        return (
            frozenset({pair})
            if name == "popitem"
            else frozenset({Container("list", None, (frozenset({pair}),))})
        )
    if name == "valuerefs":
        return frozenset(
            {Container("list", None, (frozenset({Typed(elements(program, container, VALUES))}),))}
        )
    if name == "keys":
        return frozenset({Container("list", None, (elements(program, container, KEYS),))})
    if name in MUTATORS or name in ("clear", "remove", "discard", "reverse", "sort"):
        return JUST_NONE
    return ELSE if name in ("index", "count", "__len__", "__contains__", "qsize", "empty") else ANYTHING


def _looked_up(program: Program, container: Container, given: list[Value]) -> Value:
    known = enumerations.constants(program, given[0]) if given else []
    if container.kind in ("dict", "any") and known:
        return program.join(elements(program, container, ("key", key)) for key in known)
    return elements(program, container, VALUES)


def concatenation(program: Program, node: ast.BinOp, scope: Scope, frame: Frame | None) -> Value:
    """``[a] + [b]``, ``{..} | {..}`` and ``[a] * 3`` as one container; nothing if neither side is one."""
    sides = program.evaluate(node.left, scope, frame) | program.evaluate(node.right, scope, frame)
    containers = frozenset(atom for atom in sides if isinstance(atom, Container))
    if not containers:
        return NOTHING
    if all(atom.kind == "dict" for atom in containers):
        parts = [
            program.join(elements(program, atom, which) for atom in containers) for which in (KEYS, VALUES)
        ]
        return frozenset({Container("dict", None, tuple(parts))})
    return frozenset({Container("list", None, (iterate(program, containers | (sides & ANYTHING)),))})


def augmented(program: Program, definition: Assigned, frame: Frame | None) -> Value:
    """The part that ``x += y`` adds to what ``x`` was."""
    if definition.value is None:
        return ANYTHING
    value = program.evaluate(definition.value, definition.scope, frame)
    containers = frozenset(atom for atom in value if isinstance(atom, Container))
    return containers or ELSE
