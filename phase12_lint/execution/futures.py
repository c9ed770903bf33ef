"""Where what a task, a job of a pool or a coroutine raises comes back: where somebody asks what it gives.

*Example.* ``future = pool.submit(f)`` raises nothing of ``f``; ``future.result()`` does, and so does ``await task``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.exceptions import returns_exceptions
from phase12_lint.values import destinations
from phase12_lint.values.loads import Place, place_order
from phase12_lint.values.program import Program

_ASYNC = "_async"  # ends the names of what a pool of processes runs later: ``apply_async``
_GREEN = "spawn"  # begins the names of what starts a green thread: ``gevent.spawn``


def asked_at(program: Program, made: ast.expr, scope: Scope) -> dict[ast.expr, Scope]:
    """The calls and the ``await`` that ask what the awaitable or the future ``made`` gives, by where they stand."""
    name = last_name(getattr(made, "func", made)) or ""
    asking = "get" if name.endswith(_ASYNC) or name.startswith(_GREEN) else "result"
    found: dict[ast.expr, Scope] = {}
    texts = program.project.texts
    if not (texts.holding("await") or texts.using(asking, "read")):
        return found
    start = destinations.starts(program, made, scope, 0)
    for place in sorted(destinations.closure(program, start, _is_unasked), key=place_order):
        node = _asked(place, place.scope.module.parents, asking)
        if node is not None:
            found[node] = place.scope
    return found


def _is_unasked(place: Place, following: Place) -> bool:
    """Whether ``following`` still has what ``place`` has, and not what that gives."""
    return not isinstance(following.node, ast.Await)


def _asked(place: Place, parents: Mapping[ast.AST, ast.AST], asking: str) -> ast.expr | None:
    node, parent = place.node, parents.get(place.node)
    if isinstance(parent, ast.Starred):
        node, parent = parent, parents.get(parent)
    elif place.wrapped:
        return None
    if (
        isinstance(parent, ast.Call)
        and node in parent.args
        and last_name(parent.func) in ("gather", "shield")
    ):
        node, parent = parent, None if returns_exceptions(parent) else parents.get(parent)
    if isinstance(parent, ast.Await):
        return node if isinstance(node, ast.Call) else parent
    call = parents.get(parent) if isinstance(parent, ast.Attribute) and parent.attr == asking else None
    return call if isinstance(call, ast.Call) and call.func is parent else None
