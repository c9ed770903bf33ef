"""Calls that only start something that nothing waits for, a task or a job of a pool: what goes wrong in it never comes
back there.
"""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope, dotted, last_name
from phase12_lint.values.atoms import External, Function
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_MAKERS = {"create_task", "ensure_future", "run_coroutine_threadsafe"}
_SUBMITTING = {"submit", "apply_async", "run_in_executor", "spawn", "spawn_later", "spawn_n", "spawn_raw"}
_KEEPING = {"add", "append", "appendleft", "put_nowait", "discard"}
_GIVING_BACK = {"result", "exception", "get_coro"}


def only_submits(call: ast.expr, scope: Scope) -> bool:
    """Whether ``call``, which hands over what it calls, is not asked what came of it."""
    return isinstance(call, ast.Call) and last_name(call.func) in _SUBMITTING and _is_left(call, scope)


def only_starts(program: Program, call: ast.expr, scope: Scope, frame: Frame | None) -> bool:
    """Whether ``call``, a call of coroutine functions alone, makes a task that its function does not wait for."""
    if not isinstance(call, ast.Call):
        return False
    made = scope.module.parents.get(call)
    if not isinstance(made, ast.Call) or last_name(made.func) not in _MAKERS:
        return False
    if call not in made.args or _is_of_group(made, scope) or not _is_left(made, scope):
        return False
    callees = program.evaluate(call.func, scope, frame)
    return bool(callees) and all(map(_is_coroutine_function, callees))


def _is_coroutine_function(atom: object) -> bool:
    if isinstance(atom, Function):
        return isinstance(atom.scope.node, ast.AsyncFunctionDef)
    return isinstance(atom, External) and atom.name == "asyncio.to_thread"


def _is_of_group(made: ast.Call, scope: Scope) -> bool:
    """Whether the task is one of a group that is waited for at the end of a ``with``."""
    owner = made.func.value if isinstance(made.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and any(
        isinstance(node, ast.withitem) and getattr(node.optional_vars, "id", None) == owner.id
        for node in ast.walk(scope.node)
    )


def _is_left(made: ast.expr, scope: Scope) -> bool:
    """Whether the task made at ``made`` is dropped, or only kept."""
    parent = scope.module.parents.get(made)
    if isinstance(parent, ast.Expr):
        return True
    if _is_kept(parent, made):
        return True
    if not isinstance(parent, (ast.Assign, ast.AnnAssign)) or parent.value is not made:
        return False
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
    return all(_is_never_waited_for(target, scope) for target in targets)


def _is_never_waited_for(target: ast.expr, scope: Scope) -> bool:
    name = dotted(target) if isinstance(target, (ast.Name, ast.Attribute)) else None
    if name is None:
        return isinstance(target, ast.Subscript)
    return all(
        _is_harmless(node, scope)
        for node in ast.walk(scope.node)
        if isinstance(node, (ast.Name, ast.Attribute))
        and isinstance(node.ctx, ast.Load)
        and dotted(node) == name
    )


def _is_harmless(node: ast.expr, scope: Scope) -> bool:
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Attribute):
        return parent.attr not in _GIVING_BACK
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets)
    return isinstance(parent, (ast.Compare, ast.If, ast.UnaryOp)) or _is_kept(parent, node)


def _is_kept(parent: ast.AST | None, node: ast.expr) -> bool:
    """Whether ``node`` is put into a container that outlives the call: ``self.tasks.add(task)``."""
    return (
        isinstance(parent, ast.Call)
        and node in parent.args
        and isinstance(parent.func, ast.Attribute)
        and parent.func.attr in _KEEPING
        and isinstance(parent.func.value, ast.Attribute)
    )
