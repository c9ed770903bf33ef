"""How a class and its methods are used, as far as names alone show it: collected, discovered, picked and called."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.project import Project

_COLLECTIONS = {
    *("dict", "list", "set", "tuple", "type", "mapping", "sequence", "iterable", "iterator", "collection"),
    *("defaultdict", "ordereddict", "mutablemapping", "mutablesequence", "generator"),
}
_LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)


class Use(NamedTuple):
    """Where a method is read of ``receiver``."""

    receiver: ast.expr
    scope: Scope


class Uses:
    """The uses of the methods and classes of a project by their names."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of: dict[str, list[Use]] = {}
        self._mentions: dict[str, int] = {}

    def of(self, method: str) -> list[Use]:
        """Every place at which ``method`` is read of something other than ``super()``."""
        if method not in self._of:
            self._of[method] = [
                Use(node.value, module.scopes[node])
                for module in self._project.modules_with(method)
                for node in module.loads.get(method, ())
                if isinstance(node, ast.Attribute) and not _is_super(node.value)
            ]
        return self._of[method]

    def outside(self, method: str, own: Collection[Scope]) -> list[Use]:
        """Those that stand in none of the classes ``own``."""
        return [use for use in self.of(method) if not any(scope in own for scope in use.scope.chain())]

    def mentions(self, name: str) -> int:
        """How many modules read ``name``."""
        if name not in self._mentions:
            modules = self._project.modules_with(name)
            self._mentions[name] = sum(name in module.loads for module in modules)
        return self._mentions[name]

    def is_collected(self, name: str) -> bool:
        """Whether classes called ``name`` are kept in a collection, or found by what they are below."""
        return any(
            _is_collected(module, node)
            for module in self._project.modules_with(name)
            for node in module.loads.get(name, ())
        )


def may_reach(module: Module, method: str) -> bool:
    """Whether ``module`` reads of one of several what may be ``method``, by a name that is put together."""
    return any(
        isinstance(call, ast.Call)
        and len(call.args) > 1
        and _may_be(call.args[1], method)
        and is_picked(call.args[0], module.scopes[node])
        for node in module.loads.get("getattr", ())
        if (call := module.parents.get(node)) is not None
    )


def _may_be(name: ast.expr, method: str) -> bool:
    if isinstance(name, ast.JoinedStr):
        first = name.values[0]
        return not isinstance(first, ast.Constant) or method.startswith(str(first.value))
    return not isinstance(name, ast.Constant)


def is_picked(receiver: ast.expr, scope: Scope) -> bool:
    """Whether ``receiver`` is one of several: taken out of a collection, asked for by a name, or come by in a loop."""
    if isinstance(receiver, ast.Await):
        receiver = receiver.value
    if isinstance(receiver, ast.Subscript):
        return True
    if isinstance(receiver, ast.Call):
        return not _makes(receiver)
    if not isinstance(receiver, ast.Name):
        return False
    return any(_binds(node, receiver.id) for node in _around(scope))


def _around(place: Scope) -> Iterator[ast.AST]:
    """Everything in the function ``place``, and in those around that."""
    for scope in place.chain():
        if scope.is_function:
            yield from ast.walk(scope.node)


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, _LOOPS):
        return name in {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
    if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == name for each in node.targets):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(value, ast.Subscript) or (isinstance(value, ast.Call) and not _makes(value))
    return False


def _makes(call: ast.Call) -> bool:
    """Whether it makes an object of a class that is named there."""
    return (last_name(call.func) or "_")[0].isupper()


def _is_super(receiver: ast.expr) -> bool:
    return isinstance(receiver, ast.Call) and last_name(receiver.func) == "super"


def _is_collected(module: Module, node: ast.expr) -> bool:
    parent = module.parents.get(node)
    if isinstance(parent, ast.Attribute):
        if parent.attr == "__subclasses__":
            return True
        node, parent = parent, module.parents.get(parent)
    if isinstance(parent, ast.Call):
        return node is not parent.func and last_name(parent.func) == "issubclass"
    while isinstance(parent, (ast.Tuple, ast.BinOp)):
        node, parent = parent, module.parents.get(parent)
    return (
        isinstance(parent, ast.Subscript)
        and node is parent.slice
        and (last_name(parent.value) or "").lower() in _COLLECTIONS
    )
