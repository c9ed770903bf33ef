"""What the choke point keeps to run it later: a plugin's run that one method puts into a table, a list or an
attribute, and another one calls out of it.

Where it is put in, nothing runs: what is demanded of a plugin run is demanded where it is called. What is handed to a
helper that calls it, or to something outside the program, runs there and is not kept.

*Example.* ``self.table[plugin.name] = plugin.run`` in ``register`` is kept, for ``run`` has ``self.table[name](text)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Param, Scope, bases
from phase12_lint.values import models
from phase12_lint.values.atoms import External
from phase12_lint.values.loads import Place, place_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


class KeptRuns:
    """The runs that one program's choke point keeps: where they are ``taken``, the ``calls`` of them, each with its
    scope, and for each call its ``origins``, where what it calls was taken.
    """

    def __init__(self, program: Program) -> None:
        self.calls: dict[ast.Call, Scope] = {}
        self.taken: set[ast.AST] = set()
        self.origins: dict[ast.AST, tuple[ast.Attribute, Scope]] = {}
        for node, scope in _taken(program):
            for place in sorted(program.places(node, scope), key=place_order):
                call = place.call
                if call is not None and _is_later(place, scope) and program.choke.holds(place.scope):
                    self.taken.add(node)
                    self.calls[call] = place.scope
                    self.origins.setdefault(call, (node, scope))


def _taken(program: Program) -> Iterator[tuple[ast.Attribute, Scope]]:
    """Where code of the choke point takes a plugin's run and does not call it there."""
    choke = program.choke
    modules = {scope.module for scope in (*choke.classes, *choke.functions, *choke.bases)} | choke.modules
    for module in sorted(modules, key=lambda each: each.path):
        for name in program.policy.plugin_methods:
            for node in module.loads.get(name, ()):
                scope = module.scopes[node]
                if (
                    isinstance(node, ast.Attribute)
                    and getattr(module.parents.get(node), "func", None) is not node
                    and choke.holds(scope)
                    and not is_looked_at(program, node, scope)
                    and any(
                        program.governed.is_role(atom, "plugin")
                        for atom in program.evaluate(node.value, scope)
                    )
                ):
                    yield node, scope


def _is_later(place: Place, taken: Scope) -> bool:
    """Whether what is called at ``place`` was kept: it is no variable of the function that took it, nor a parameter."""
    if taken in place.scope.chain():
        return _is_taken_out(place.node, place.scope)
    if not isinstance(place.node, ast.Name):
        return True
    for outer in place.scope.chain():
        outer.module.bound(outer)
        if place.node.id in outer.bindings and outer.kind != "class":
            return not any(isinstance(each, Param) for each in outer.bindings[place.node.id])
    return True


def _is_taken_out(node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is what lies in a container, or a variable that was given that."""
    scope.module.bound(scope)
    given = [getattr(each, "value", None) for each in bases(scope.module.definitions.get(node, ()))]
    return any(isinstance(each, (ast.Subscript, ast.Call)) for each in (node, *given))


def loads_in(scope: Scope, name: str) -> Iterator[tuple[ast.Name | ast.Attribute, Scope]]:
    """Where the code of ``scope`` reads something called ``name``."""
    for node in scope.module.loads.get(name, ()):
        where = scope.module.scopes[node]
        if scope in where.chain():
            yield node, where


def is_looked_at(program: Program, node: ast.Attribute, scope: Scope) -> bool:
    """Whether ``plugin.run`` is only looked at: a field of it is read, it is compared, ``inspect`` is given it."""
    parents = scope.module.parents
    parent = parents.get(node)
    if isinstance(parent, ast.keyword):
        parent = parents.get(parent)
    if isinstance(parent, ast.Attribute):
        return parent.attr != "__call__"
    if not isinstance(parent, ast.Call) or parent.func is node:
        return isinstance(parent, (ast.Compare, ast.If, ast.While, ast.Assert, ast.FormattedValue))
    return any(
        isinstance(atom, External) and models.only_looks(atom.name)
        for atom in program.evaluate(parent.func, scope)
    )
