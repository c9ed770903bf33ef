"""The calls of a function one by one, for what they do to different objects is not the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.index import operators
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import metaclasses
from phase12_lint.values.atoms import Atom, ClassRef, Container, Function, Instance, Site, Value
from phase12_lint.values.frames import Argument, Frame, Shape, are_apart, shape_of
from phase12_lint.values.keys import VALUES
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.parameters import is_property

if TYPE_CHECKING:
    from phase12_lint.values.classes import ClassInfo
    from phase12_lint.values.program import Program

_OF_SELF_ALONE = {"__get__", "__enter__", "__aenter__", "__iter__", "__aiter__", "__next__", "__anext__"}
_WRITTEN_OUT = operators.CALLED | {"__init__", "__call__"}


def calls_of(program: Program, scope: Scope, callers: int = 2) -> Sequence[Frame | None]:
    """The calls of ``scope``, told apart by up to so many ``callers``; None for any call, where none says more."""
    if scope.class_scope is not None and (scope.name in _OF_SELF_ALONE or is_property(scope)):
        cls = program.class_of(scope.class_scope)
        made = [Instance(cls, site) for site in program.constructions(cls)]
        return [program.receiver_frame(each, scope) for each in made] or (None,)
    is_asked = scope.is_function and not _is_called_by_python(program, scope)
    calls = sorted(program.ask(("frames", scope)), key=frame_order) if is_asked else []
    if not calls or program.ask(("escapes", scope)):
        return (None,)
    return [each for call in calls for each in _by_callers(program, call, callers)]


def closures_of(program: Program, scope: Scope) -> Sequence[Frame | None]:
    """The calls of ``scope``; if none of a nested function is seen, as a decorator's wrapper that nobody calls, one in
    each call of the function around it.
    """
    calls, outer = calls_of(program, scope, 1), scope.parent
    if any(calls) or outer is None or not outer.is_function:
        return calls
    around = (each for each in calls_of(program, outer, 1) if each is not None)
    return [
        program.frame(Frame(scope, scope.node, None, each, Shape((), ()), None)) for each in around
    ] or calls


def _is_called_by_python(program: Program, scope: Scope) -> bool:
    """Whether there may be calls of ``scope`` that nothing writes out: it is a special method, or of a metaclass."""
    if scope.class_scope is None or not scope.name.endswith("__"):
        return False
    return scope.name not in _WRITTEN_OUT or metaclasses.is_metaclass(
        program, program.class_of(scope.class_scope)
    )


def _by_callers(program: Program, call: Frame, callers: int) -> Iterator[Frame]:
    """``call``, made by each call of the function that makes it."""
    where, site = call.shape.where, call.site
    if not callers or call.caller is not None or where is None or not isinstance(site, ast.Call):
        yield call
        return
    for outer in calls_of(program, where, callers - 1):
        program.spend(1)
        for atom in program.evaluate(site.func, where, outer) if outer is not None else ():
            if isinstance(atom, ClassRef):
                atom = program.method(program.constructed(atom, site, where, outer), call.scope.name) or atom
            if isinstance(atom, Function) and atom.scope is call.scope:
                shape = shape_of(site, where, outer)
                made = program.call_frame(atom, site, shape, outer)
                yield made or program.call_frame(atom, site, shape, None) or call
        if outer is None:
            yield call


def is_to_be_told_apart(program: Program, call: ast.Call, shape: Shape, name: str) -> bool:
    """Whether which calls lead to ``call``, of a function called ``name`` among others, decides what that is given: of
    functions kept in an attribute only where a plugin, or something else that is governed, is given to them.
    """
    if not isinstance(call.func, ast.Attribute):
        return True
    given = (*shape.positional, *dict(shape.keywords).values())
    return call.func.attr != name and any(
        program.governed.is_governed_itself(atom) for argument in given for atom in _in(program, argument)
    )


def _in(program: Program, argument: Argument) -> Value:
    """What ``argument`` is; of ``*args`` and ``**named`` what is in them."""
    value = program.argument(argument)
    if not argument.spread:
        return value
    return program.join(program.element(a, VALUES) for a in value if isinstance(a, Container))


def is_another(program: Program, one_atom: Atom | None, other_atom: Atom) -> bool:
    """Whether two instances are known not to be the same."""
    if not isinstance(one_atom, Instance) or not isinstance(other_atom, Instance):
        return False
    one, other = one_atom.site, other_atom.site
    if one is not None and other is not None:
        return one.node is not other.node or are_apart(one.frame, other.frame)
    if one is not None:
        return not _may_make(program, one, other_atom.cls)
    return not program.related(one_atom.cls, other_atom.cls)


def _may_make(program: Program, site: Site, cls: ClassInfo | str) -> bool:
    """Whether what is made at ``site`` may be of ``cls``."""
    made = program.evaluate(site.node, site.scope, site.frame) if isinstance(site.node, ast.Call) else ()
    classes = [each.cls for each in made if isinstance(each, Instance)]
    return len(classes) < len(made) or not made or any(program.related(each, cls) for each in classes)
