"""The functions whose code is that of a service or of the choke point."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.policy import last_part
from phase12_lint.syntax.nodes import children
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.ordering import order
from phase12_lint.values.program import Program


def layer_classes(program: Program) -> list[Scope]:
    """The classes of the services and of the choke point, those below them included."""
    found: dict[Scope, None] = dict.fromkeys((*program.choke.classes, *program.choke.bases))
    for entry in program.policy.layers:
        last = last_part(entry)
        for module in program.project.modules_with(last):
            for scope in module.classes.get(last, ()):
                if scope.goes_by(entry):
                    found[scope] = None
    for scope in list(found):
        found |= dict.fromkeys(below.scope for below in program.subclasses(program.class_of(scope)))
    return sorted((s for s in found if not s.module.exempt), key=lambda s: order(s, s.node))


def functions_of_layers(program: Program) -> Iterator[Scope]:
    """Every function that is written in a service or in the choke point."""
    pending = [*layer_classes(program)]
    pending += sorted(program.choke.functions, key=lambda scope: order(scope, scope.node))
    pending += sorted((m.scope for m in program.choke.modules), key=lambda scope: scope.module.path)
    seen = set(pending)
    while pending:
        scope = pending.pop(0)
        if scope.is_function:
            yield scope
        for inner in scope.children:
            if inner not in seen:
                seen.add(inner)
                pending.append(inner)


def calls_within(scope: Scope) -> Iterator[ast.Call]:
    """The calls that ``scope`` itself makes, those of nested functions apart."""
    for node in nodes_within(scope):
        if isinstance(node, ast.Call):
            yield node


def nodes_within(scope: Scope) -> Iterator[ast.AST]:
    """The statements and expressions of the body of ``scope``, those of nested functions and classes apart."""
    body = getattr(scope.node, "body", [])
    stack: list[ast.AST] = list(reversed(body)) if isinstance(body, list) else [body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(reversed(children(node)))
