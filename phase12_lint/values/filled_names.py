"""Whether something is ever put into what has a name, or kept on it, as far as names tell: most is only read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.mutations import FILLING, MUTATORS

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_TAKING = {"get", "values", "items", "pop", "copy"}
_THROUGH = (ast.Await, ast.BoolOp, ast.IfExp, ast.NamedExpr)


class Filled:
    """In which modules something is put into what has a name, or into what is given another name from there."""

    def __init__(self, program: Program) -> None:
        self._project = program.project
        self._known: dict[tuple[Scope, str], bool] = {}

    def at(self, node: ast.AST, scope: Scope) -> bool:
        """Whether it is into what comes in at ``node``: a parameter, a target, or a call that is stored."""
        if isinstance(node, ast.arg):
            return self._has(scope, node.arg)
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            return self._is_target(node, scope)
        return any(self._is_target(target, scope) for target in _targets(node, scope.module))

    def _is_target(self, node: ast.expr, scope: Scope) -> bool:
        name = last_name(node) or ""
        if isinstance(node, ast.Attribute) or scope.kind == "class":
            return any(self._has(module.scope, name) for module in self._project.modules_reading(name))
        if scope.kind == "module":
            return any(self._has(module.scope, name) for module in self._project.modules_with(name))
        shared = name in scope.declared_global or name in scope.declared_nonlocal
        return self._has(scope.module.scope if shared else scope, name)

    def _has(self, scope: Scope, name: str) -> bool:
        """Whether it is filled under that name in ``scope``, or in one inside of it."""
        key = (scope, name)
        if key not in self._known:
            self._known[key] = False
            module = scope.module
            inside = (each for each in module.loads.get(name, ()) if scope in module.scopes[each].chain())
            self._known[key] = any(self._fills(module, load) for load in inside)
        return self._known[key]

    def _fills(self, module: Module, node: ast.expr) -> bool:
        parent = module.parents.get(node)
        while isinstance(parent, (ast.Subscript, ast.Attribute)) and parent.value is node:
            call = module.parents.get(parent)
            if isinstance(parent.ctx, ast.Store):
                return True
            if isinstance(parent, ast.Subscript):
                node, parent = parent, call
            elif isinstance(call, ast.Call) and call.func is parent and parent.attr in _TAKING:
                node, parent = call, module.parents.get(call)
            else:
                return parent.attr in MUTATORS
        if isinstance(parent, ast.keyword):
            call = module.parents.get(parent)
            return isinstance(call, ast.Call) and self._fills_argument(call, None, parent.arg)
        if isinstance(parent, ast.Call):
            position = next((i for i, argument in enumerate(parent.args) if argument is node), None)
            return position is not None and self._fills_argument(parent, position, None)
        return any(self._is_target(target, module.scopes[node]) for target in _targets(node, module))

    def _fills_argument(self, call: ast.Call, position: int | None, keyword: str | None) -> bool:
        """Whether a function or class of the name that is called puts something into that argument."""
        name = last_name(call.func) or ""
        if name in FILLING:
            return True
        return any(
            self._has(scope, given)
            for module in self._project.modules_defining(name)
            for scope, given in _given_names(module, name, position)
            if keyword is None or keyword == given
        )


def _given_names(module: Module, name: str, position: int | None) -> Iterator[tuple[Scope, str]]:
    """What functions and classes called ``name`` call their argument at ``position`` (None: any argument)."""
    functions = [(each, each.class_scope is not None) for each in module.functions.get(name, ())]
    for cls in module.classes.get(name, ()):
        inits = [(each, True) for each in cls.children if each.name == "__init__"]
        functions += inits
        fields = [] if inits else getattr(cls.node, "body", [])
        yield from (
            (module.scope, statement.target.id)
            for statement in fields
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        )
    for scope, is_method in functions:
        arguments = getattr(scope.node, "args", None)
        if isinstance(arguments, ast.arguments):
            positional = [*arguments.posonlyargs, *arguments.args]
            if position is not None:
                positional = positional[position : position + (2 if is_method else 1)]
            yield from ((scope, each.arg) for each in (*positional, *arguments.kwonlyargs))


def _targets(node: ast.AST, module: Module) -> Iterator[ast.expr]:
    """What the value of ``node`` is stored in right there."""
    parent = module.parents.get(node)
    while isinstance(parent, _THROUGH):
        if isinstance(parent, ast.NamedExpr):
            yield parent.target
        node, parent = parent, module.parents.get(parent)
    if isinstance(parent, ast.Assign) and parent.value is node:
        yield from parent.targets
    elif isinstance(parent, ast.AnnAssign) and parent.value is node:
        yield parent.target
    elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)) and parent.iter is node:
        yield from parent.target.elts if isinstance(parent.target, (ast.Tuple, ast.List)) else [parent.target]
