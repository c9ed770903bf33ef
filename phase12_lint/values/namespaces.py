"""Attributes that are stored through the namespace of their object: ``vars(x)["name"] = y``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name

NAMES = ("vars", "__dict__")
PUTTING = ("update", "setdefault", "__setitem__")


def owner_of(node: ast.expr) -> ast.expr | None:
    """``x`` of ``vars(x)`` and of ``x.__dict__``; None for what is no namespace of an object."""
    if isinstance(node, ast.Call) and node.args and last_name(node.func) == "vars":
        return node.args[0]
    return node.value if isinstance(node, ast.Attribute) and node.attr == "__dict__" else None


def stores(module: Module, name: str) -> Iterator[tuple[ast.expr, Scope, ast.expr]]:
    """Owner, scope and the stored place (or the value) of each store of ``name`` through a namespace."""
    if not any(each in module.loads for each in NAMES):
        return
    for store in module.subscript_stores:
        owner = owner_of(store.value)
        if owner is not None and _is(store.slice, name):
            yield owner, module.scopes[store], store
    for word in PUTTING:
        for node in module.loads.get(word, ()):
            call = module.parents.get(node)
            owner = owner_of(node.value) if isinstance(node, ast.Attribute) else None
            if owner is not None and isinstance(call, ast.Call) and call.func is node:
                yield from ((owner, module.scopes[node], value) for value in _given(call, word, name))


def _given(call: ast.Call, word: str, name: str) -> Iterator[ast.expr]:
    """What ``call`` puts into a namespace under ``name``."""
    if word != "update":
        if len(call.args) > 1 and _is(call.args[0], name):
            yield call.args[1]
        return
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
    for table in (each for each in call.args if isinstance(each, ast.Dict)):
        yield from (value for key, value in zip(table.keys, table.values) if key and _is(key, name))


def _is(key: ast.expr, name: str) -> bool:
    return isinstance(key, ast.Constant) and key.value == name
