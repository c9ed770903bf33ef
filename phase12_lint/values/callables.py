"""Where an object is called itself, or handed over to be: what a policy governs whose method is ``__call__``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name

CALL = "__call__"

# What calls that which it is given, by its last name: at which position that stands.
_CALLING = {
    **dict.fromkeys(("map", "imap", "imap_unordered", "starmap", "filter", "reduce", "map_async"), 0),
    **dict.fromkeys(("submit", "to_thread", "start_new_thread", "start_soon", "run_sync", "partial"), 0),
    **dict.fromkeys(("call_soon", "call_soon_threadsafe", "apply_async", "add_job"), 0),
    **dict.fromkeys(("run_in_executor", "call_later", "call_at", "Timer"), 1),
}
_CALLED_BY_KEYWORD = {"target", "func", "function"}


def called_objects(module: Module) -> Iterator[tuple[ast.expr, Scope]]:
    """The expressions of ``module`` that are called, or handed to what calls them, each with its scope."""
    for node, scope in list(module.scopes.items()):
        if type(node) is not ast.Call:
            continue
        if not isinstance(node.func, ast.Attribute) or node.func.attr != CALL:
            yield node.func, scope
        position = _CALLING.get(last_name(node.func) or "")
        if position is not None:
            yield from ((given, scope) for given in node.args[position : position + 1])
        yield from ((each.value, scope) for each in node.keywords if each.arg in _CALLED_BY_KEYWORD)
