"""What is entered on an ``ExitStack``, which is left as if by a ``with`` around the rest of the stack's body."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope
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
