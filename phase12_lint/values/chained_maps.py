"""``collections.ChainMap``: the maps that it looks through, one by one, and those behind the first."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import NOTHING, Container, Value

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def attribute(program: Program, atom: Container, name: str) -> Value:
    """What ``maps`` or ``parents`` of a chain of maps is; nothing for any other attribute, or of anything else."""
    made = atom.made if name in ("maps", "parents") else None
    if made is None or not isinstance(made.node, ast.Call) or last_name(made.node.func) != "ChainMap":
        return NOTHING
    maps = tuple(program.evaluate(each, made.scope, made.frame) for each in made.node.args)
    return frozenset({Container("tuple", None, maps, True)}) if name == "maps" else program.join(maps[1:])
