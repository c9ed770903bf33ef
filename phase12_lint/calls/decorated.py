"""What runs when a decorated function is called: the function that a decorator of the program put in its place."""

from __future__ import annotations

import ast

from phase12_lint.calls.layer_code import functions_of_layers
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import attributes, names
from phase12_lint.values.atoms import Function, Instance
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.program import Program


def wrapper_of(program: Program, scope: Scope) -> Function | None:
    """The function that is called in the place of ``scope``; None if no decorator of the program puts one there."""
    return next(iter(wrappers_of(program, scope)), None)


def wrappers_of(program: Program, scope: Scope) -> list[Function]:
    """The functions that decorators of the program put in the place of ``scope``, each around those that follow."""
    outer, decorators = scope.parent, getattr(scope.node, "decorator_list", ())
    found: dict[Scope, Function] = {}
    if outer is None:
        return []
    for position in range(len(decorators)):
        made = names.under(program, scope, decorators[position:], outer, None)
        called = (
            attributes.method_of(program, a, "__call__") if isinstance(a, Instance) else a for a in made
        )
        wrappers = [
            atom
            for atom in called
            if isinstance(atom, Function)
            and atom.scope is not scope
            and (atom.closure is not None or isinstance(atom.receiver, Instance))
        ]
        wrapper = min(wrappers, key=hash, default=None)
        if wrapper is not None:
            found.setdefault(wrapper.scope, wrapper)
    return list(found.values())


def wrappers_of_layers(program: Program) -> dict[Scope, None]:
    """What decorators put in the place of the functions of the services and the choke point."""
    written = functions_of_layers(program)
    return {each.scope: None for scope in written for each in wrappers_of(program, scope)}


def wrapper_frame(
    program: Program, wrapper: Function, call: ast.Call, shape: Shape, caller: Frame | None
) -> Frame:
    """The call of ``wrapper`` at ``call``; what a method is called on comes first among its arguments."""
    if isinstance(call.func, ast.Attribute) and shape.where is not None:
        receiver = Argument(call.func.value, shape.where, caller)
        shape = Shape((receiver, *shape.positional), shape.keywords, shape.where)
    return program.frame(Frame(wrapper.scope, call, None, wrapper.closure, shape, caller))
