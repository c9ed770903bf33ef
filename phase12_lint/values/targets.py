"""Assignment targets: what arrives in a place that is stored to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import containers
from phase12_lint.values.atoms import ELSE, Value
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def stored(program: Program, target: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """What a statement stores in ``target``; of an expression that is no target, its own value."""
    source = source_of(scope, target)
    if source is None:
        return ELSE
    value, path = source
    return containers.take(program, value, path, scope, frame)
