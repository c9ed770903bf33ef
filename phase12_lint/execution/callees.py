"""What a call calls: functions of the program, also through ``partial``, ``__call__``, wrappers and overrides."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls.access import only_looks
from phase12_lint.calls.decorated import wrapper_frame, wrappers_of
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values import attributes, handing, partials
from phase12_lint.values.atoms import ClassRef, Function, Instance, Partial, Value
from phase12_lint.values.destinations import PUTTING
from phase12_lint.values.frames import Frame, Shape, shape_of
from phase12_lint.values.parameters import decorators
from phase12_lint.values.program import Program

Callee = tuple["Frame | None", Scope]
_AWAITING = {"push_async_callback", "start_soon"}
_KEEPING = PUTTING | {"__setitem__", "__setattr__"}


def callees(program: Program, node: ast.Call, scope: Scope, frame: Frame | None) -> Iterator[Callee]:
    """The functions that ``node`` calls, or hands over to be called, each under that call."""
    callee = handing.callee(program, node, scope, frame)
    found = list(functions(program, callee, node, shape_of(node, scope, frame), frame))
    if getattr(node.func, "attr", "") not in _KEEPING:
        handed = list(handing.handed_frames(program, node, callee, scope, frame))
        if handed and not only_looks(program, node, scope):
            found += [(each, each.scope) for each in handed]
    dropped = isinstance(scope.module.parents.get(node), ast.Expr) and last_name(node.func) not in _AWAITING
    for under, function in dict.fromkeys(found):
        if not (dropped and isinstance(function.node, ast.AsyncFunctionDef)):
            yield under, function


def functions(
    program: Program, callee: Value, node: ast.Call, shape: Shape, frame: Frame | None
) -> Iterator[Callee]:
    """The functions that ``callee`` is, called at ``node`` with the arguments ``shape``."""
    for atom in sorted(callee, key=hash):
        if isinstance(atom, Function):
            for function in running(program, atom):
                yield _function(program, function, node, shape, frame)
        elif isinstance(atom, Partial):
            for inner, first in partials.behind(program, atom):
                yield from functions(program, frozenset({inner}), node, shape.after(first), frame)
        elif isinstance(atom, Instance):
            method = attributes.method_of(program, atom, "__call__")
            if method is not None:
                yield from functions(program, frozenset({method}), node, shape, frame)


def _function(
    program: Program, function: Function, node: ast.Call, shape: Shape, frame: Frame | None
) -> Callee:
    wrappers = wrappers_of(program, function.scope)
    if wrappers and not any(
        _is_of(frame, each.scope) or _is_beside(shape.where, each.scope) for each in wrappers
    ):
        return wrapper_frame(program, wrappers[0], node, shape, frame), wrappers[0].scope
    under = program.call_frame(function, node, shape, frame)
    if under is None:  # too deep for values; what it is given is known all the same
        under = program.frame(Frame(function.scope, node, function.receiver, function.closure, shape, None))
    return under, function.scope


def _is_of(frame: Frame | None, scope: Scope) -> bool:
    return frame is not None and any(each.scope is scope for each in frame.stack())


def _is_beside(where: Scope | None, wrapper: Scope) -> bool:
    """Whether the call stands in the decorator that makes ``wrapper``: what it is given is not what it makes of it."""
    maker = wrapper.parent if wrapper.parent is not None and wrapper.parent.is_function else wrapper
    return where is not None and maker in where.chain()


def running(program: Program, function: Function) -> list[Function]:
    """What runs where ``function`` is called: itself, or its overrides where it is a stub, which is never what runs."""
    owner = function.scope.class_scope
    if owner is None or not _is_abstract(function.scope):
        return [function]
    receiver = function.receiver
    cls = receiver.cls if isinstance(receiver, (Instance, ClassRef)) else program.class_of(owner)
    below = program.subclasses(cls) if not isinstance(cls, str) else []
    found = (program.method(Instance(each), function.scope.name) for each in below)
    return [each for each in dict.fromkeys(found) if each is not None and not _is_abstract(each.scope)]


def _is_abstract(scope: Scope) -> bool:
    """Whether a method only stands for its overrides: it is abstract, or does nothing but raise NotImplementedError."""
    if "abstractmethod" in decorators(scope):
        return True
    if isinstance(scope.node, ast.Lambda):
        return False
    body = [each for each in getattr(scope.node, "body", ()) if not _is_text(each)]
    raised = body[0].exc if len(body) == 1 and isinstance(body[0], ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
