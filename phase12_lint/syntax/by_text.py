"""Attributes that are stored by a text: ``setattr(x, "name", y)``, ``x.__setattr__("name", y)``, and through the
namespace of their object, ``vars(x)["name"] = y``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.syntax.stores import source_of

if TYPE_CHECKING:
    from phase12_lint.syntax.modules import Module

_PUTTING = ("update", "setdefault", "__setitem__")
_NAMESPACES = ("vars", "__dict__")
_SETTERS = ("setattr", "__setattr__")


class Stored(NamedTuple):
    """A store of an attribute of ``owner`` in ``scope``: ``value`` is the stored place, or what is stored."""

    owner: ast.expr
    scope: Scope
    value: ast.expr


def owner_of(node: ast.expr) -> ast.expr | None:
    """``x`` of ``vars(x)`` and of ``x.__dict__``; None for what is no namespace of an object."""
    if isinstance(node, ast.Call) and node.args and last_name(node.func) == "vars":
        return node.args[0]
    return node.value if isinstance(node, ast.Attribute) and node.attr == "__dict__" else None


def stores(module: Module) -> Iterator[tuple[str, Stored]]:
    """Every store by a text that is written out, with the name of the attribute."""
    for call, owner, key, value in _set(module):
        for name, stored in _pairs_of(module, call, key, value) or [(key, value)]:
            yield from _named(name, owner, module.scopes[call.func], stored)
    if any(each in module.loads for each in _NAMESPACES):
        yield from _in_namespaces(module)


def _in_namespaces(module: Module) -> Iterator[tuple[str, Stored]]:
    for store in module.subscript_stores:
        of_store = owner_of(store.value)
        if of_store is not None:
            yield from _named(store.slice, of_store, module.scopes[store], store)
    for word, call, owner in put(module):
        scope = module.scopes[call.func]
        if word == "update":
            yield from ((name, Stored(owner, scope, value)) for name, value in _updated(call))
        elif len(call.args) > 1:
            yield from _named(call.args[0], owner, scope, call.args[1])


def put(module: Module) -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """The calls that put something into the namespace of an object: method, call and the object."""
    for word in _PUTTING:
        for node in module.loads.get(word, ()):
            call = module.parents.get(node)
            owner = owner_of(node.value) if isinstance(node, ast.Attribute) else None
            if owner is not None and isinstance(call, ast.Call) and call.func is node:
                yield word, call, owner


def tables(module: Module) -> Iterator[Stored]:
    """The stores of all that a table holds, each entry under its key: the ``value`` is the table.

    ``vars(x).update(table)``, ``x.__dict__ = table``, and ``setattr(x, key, value)`` for the items of a table.
    """
    for store in module.stores.get("__dict__", ()):
        source = source_of(module.scopes[store], store) if isinstance(store.ctx, ast.Store) else None
        if source is not None and not source[1]:
            yield Stored(store.value, module.scopes[store], source[0])
    for word, call, owner in put(module):
        if word == "update":
            given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg is None)]
            yield from (Stored(owner, module.scopes[call.func], table) for table in given)
    for call, owner, key, value in _set(module):
        table = _table_of(module, call, key, value)
        if table is not None:
            yield Stored(owner, module.scopes[call.func], table)


def _table_of(module: Module, node: ast.AST, key: ast.expr, value: ast.expr) -> ast.expr | None:
    """The table whose items a loop around ``node`` calls ``key`` and ``value``."""
    items = _looped_over(module, node, key, value)
    method = items.func if isinstance(items, ast.Call) else None
    return method.value if isinstance(method, ast.Attribute) and method.attr == "items" else None


def _pairs_of(
    module: Module, node: ast.AST, key: ast.expr, value: ast.expr
) -> list[tuple[ast.expr, ast.expr]]:
    """The pairs, as far as they are written out, that a loop around ``node`` calls ``key`` and ``value``."""
    rows = _looped_over(module, node, key, value)
    pairs = [getattr(row, "elts", []) for row in getattr(rows, "elts", [])]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


def _looped_over(module: Module, node: ast.AST, key: ast.expr, value: ast.expr) -> ast.expr | None:
    """What a loop around ``node`` goes over, in pairs that it calls ``key`` and ``value``."""
    if not isinstance(key, ast.Name) or not isinstance(value, ast.Name):
        return None
    while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        node = module.parents[node]
        targets = node.target.elts if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) else ()
        if isinstance(node, ast.For) and [getattr(each, "id", None) for each in targets] == [
            key.id,
            value.id,
        ]:
            return node.iter
    return None


def _set(module: Module) -> Iterator[tuple[ast.Call, ast.expr, ast.expr, ast.expr]]:
    """The calls of ``setattr`` and of an ``__setattr__``, with the owner, name and value that each is given."""
    for setter in _SETTERS:
        for node in module.loads.get(setter, ()):
            call = module.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                continue
            if len(call.args) == 3:
                yield call, call.args[0], call.args[1], call.args[2]
            elif len(call.args) == 2 and isinstance(node, ast.Attribute):
                yield call, node.value, call.args[0], call.args[1]


def _updated(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """What ``call`` updates a namespace with, as far as it is written out."""
    yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg)
    for table in (each for each in call.args if isinstance(each, ast.Dict)):
        for key, value in zip(table.keys, table.values):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _named(key: ast.expr, owner: ast.expr, scope: Scope, value: ast.expr) -> Iterator[tuple[str, Stored]]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value, Stored(owner, scope, value)
