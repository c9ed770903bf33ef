"""Under which calls a parameter is given something: a helper is governed only where it is given what is governed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from phase12_lint.syntax.scopes import Param, Scope, bases
from phase12_lint.values.atoms import ClassRef, Instance, Value
from phase12_lint.values.frames import Frame
from phase12_lint.values.loads import calls_under
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.program import Program


def given_under(
    program: Program, node: ast.expr, scope: Scope, is_wanted: Callable[..., object]
) -> Iterator[Frame | None]:
    """The calls of ``scope`` under which ``node``, a parameter of it or of the function around it, is what is wanted;
    None, any call, where that cannot be told apart.
    """
    found = _parameter(node, scope)
    frames = sorted(program.ask(("frames", found.scope)), key=frame_order) if found is not None else []
    if found is None or not frames:
        yield None
        return
    for frame in frames:
        if is_wanted(_value(program, found, frame)) is None:
            continue
        if found.scope is scope:
            yield frame
        else:
            inner = sorted(calls_under(program, scope, found.scope, frame), key=frame_order)
            yield from inner
            if not inner:
                yield None


def given_together(
    program: Program,
    owner: ast.expr,
    name: ast.expr,
    scope: Scope,
    is_owner: Callable[[Value], bool],
    is_name: Callable[[Value], bool],
) -> bool:
    """Whether one call of ``scope`` gives it both an ``owner`` and a ``name`` that are wanted; true as well where these
    are not both parameters of one function, the owner perhaps an attribute of its object, or where not all of its calls
    are known.
    """
    first, second = _parameter(owner, scope), _parameter(name, scope)
    if second is None or second.scope is not (scope if first is None else first.scope):
        return True
    if program.ask(("escapes", second.scope)):
        return True
    frames = program.ask(("frames", second.scope))
    of_owner = {
        frame
        for frame in frames
        if is_owner(program.evaluate(owner, scope, frame) if first is None else program.define(first, frame))
    }
    of_name = {frame for frame in frames if is_name(program.define(second, frame))}
    is_open = not of_name or (first is not None and not of_owner)
    return is_open or not of_owner.isdisjoint(of_name)


def arrives(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """What ``node`` is under the call ``frame``: of a parameter that is declared as something wide, what is given."""
    found = _parameter(node, scope) if frame is not None and frame.scope is scope else None
    if found is None or frame is None or found.scope is not scope:
        return program.evaluate(node, scope, frame)
    return _value(program, found, frame)


def _value(program: Program, param: Param, frame: Frame) -> Value:
    given = program.join(program.argument(each) for each in frame.bound.get(param.node.arg, ()))
    is_known = bool(given) and all(isinstance(atom, (Instance, ClassRef)) for atom in given)
    return given if is_known else program.define(param, frame)


def _parameter(node: ast.expr, scope: Scope) -> Param | None:
    """The parameter that ``node`` names and nothing else."""
    if not isinstance(node, ast.Name):
        return None
    scope.module.bound(scope)
    own = list(bases(scope.module.definitions.get(node, ())))
    if len(own) == 1 and isinstance(own[0], Param):
        return own[0]
    outer = scope.parent
    if node.id in scope.bindings or outer is None or not outer.is_function:
        return None
    bound = outer.module.bound(outer).bindings.get(node.id, ())
    return bound[0] if len(bound) == 1 and isinstance(bound[0], Param) else None
