"""What runs when a decorated function is called: the function that a decorator of the program put in its place."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Function
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.program import Program


def wrapper_of(program: Program, scope: Scope) -> Function | None:
    """The function that is called in the place of ``scope``; None if no decorator of the program puts one there."""
    outer, node = scope.parent, scope.node
    if outer is None or not getattr(node, "decorator_list", ()):
        return None
    value = program.join(
        program.define(definition, None)
        for definition in outer.module.bound(outer).bindings.get(scope.name, ())
        if definition.node is node
    )
    wrappers = [
        atom
        for atom in value
        if isinstance(atom, Function) and atom.scope is not scope and atom.closure is not None
    ]
    return min(wrappers, key=hash, default=None)


def wrapper_frame(
    program: Program, wrapper: Function, call: ast.Call, shape: Shape, caller: Frame | None
) -> Frame:
    """The call of ``wrapper`` at ``call``; what a method is called on comes first among its arguments."""
    if isinstance(call.func, ast.Attribute) and shape.where is not None:
        receiver = Argument(call.func.value, shape.where, caller)
        shape = Shape((receiver, *shape.positional), shape.keywords, shape.where)
    return program.frame(Frame(wrapper.scope, call, None, wrapper.closure, shape, caller))
