"""Where a container itself goes, and not what is made of its elements: what is put into a copy is not in it."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import destinations, models
from phase12_lint.values.atoms import External
from phase12_lint.values.loads import Place

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def compute_same(program: Program, node: ast.AST, scope: Scope, within: int) -> frozenset[Place]:
    """Every place that the container made at ``node``, or ``within`` what is, comes to as the same object."""
    start = destinations.starts(program, node, scope, within)
    return destinations.closure(program, start, partial(_is_same, program))


def _is_same(program: Program, place: Place, following: Place) -> bool:
    """Whether ``following`` has the container itself that is at ``place``, and no copy of it."""
    node, parent = following.node, place.scope.module.parents.get(place.node)
    if place.wrapped or following.wrapped:
        return True
    if isinstance(node, ast.Dict):
        return node is not parent
    call = place.scope.module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(node, ast.Call) or node is not call or place.node is node.func:
        return True
    callee = program.evaluate(node.func, place.scope, place.frame)
    return not any(isinstance(atom, External) and models.copies(atom.name) for atom in callee)
