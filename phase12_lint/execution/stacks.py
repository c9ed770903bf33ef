"""What a ``with`` enters: the context managers, and those on an ``ExitStack``, which are left as if by a ``with``
around the rest of the stack's body.
"""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Assigned, Scope, bases
from phase12_lint.values.atoms import Instance, Value
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_STACKS = {"contextlib.ExitStack", "contextlib.AsyncExitStack"}
_ENTERING = {"enter_context", "enter_async_context"}


def is_stack(value: Value) -> bool:
    """Whether ``value`` may be an ``ExitStack``."""
    return any(isinstance(atom, Instance) and atom.cls in _STACKS for atom in value)


def entered(program: Program, statement: ast.AST, scope: Scope, frame: Frame | None) -> ast.expr | None:
    """The context manager that ``statement`` enters on a stack."""
    value = getattr(statement, "value", None)
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    on_stack = call.func.attr in _ENTERING and is_stack(program.evaluate(call.func.value, scope, frame))
    return call.args[0] if on_stack else None


def managers(node: ast.expr, scope: Scope) -> list[ast.expr]:
    """What makes the context manager ``node``, or each of those of which it is one: by a variable of ``scope``, by a
    condition.
    """
    if isinstance(node, ast.IfExp):
        return [each for arm in (node.body, node.orelse) for each in managers(arm, scope)]
    if isinstance(node, ast.Name):
        scope.module.bound(scope)
        kept = list(bases(scope.module.definitions.get(node, ())))
        values = [
            each.value
            for each in kept
            if isinstance(each, Assigned) and each.scope is scope and not each.path
        ]
        made = [each for each in values if isinstance(each, (ast.Call, ast.IfExp))]
        if made and len(made) == len(kept):
            return [each for value in made for each in managers(value, scope)]
    return [node]
