"""Whether a route declares the model of what it answers."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Container, Instance
from phase12_lint.values.program import Program


def declares_model(program: Program, scope: Scope) -> bool:
    """Whether the route ``scope`` names a response model, in its decorator or as the type that it returns."""
    for decorator in getattr(scope.node, "decorator_list", ()):
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg == "response_model":
                return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
    annotation = getattr(scope.node, "returns", None)
    if annotation is None or scope.parent is None:
        return False
    return _has_model(program, program.annotated(annotation, scope.parent))


def _has_model(program: Program, value: frozenset[object]) -> bool:
    """A class of one's own or of a library; plain containers of Python declare nothing."""
    for atom in value:
        if isinstance(atom, Container):
            if any(_has_model(program, item) for item in atom.items):
                return True
        elif isinstance(atom, Instance) and (
            not isinstance(atom.cls, str) or not program.governed.is_known_external(atom.cls)
        ):
            return True
    return False
