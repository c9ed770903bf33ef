"""``@overload``: the declarations of a function that stand beside the one that runs.

A call is judged by the declarations that its arguments fit, in their order, up to the first that they surely fit; by
all of them where they fit none.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Param, Scope
from phase12_lint.values import declared_types, frameworks
from phase12_lint.values.atoms import (
    NONE,
    NOTHING,
    OTHER,
    UNKNOWN,
    Atom,
    ClassRef,
    External,
    Function,
    Instance,
    Sourced,
    Text,
    Value,
)
from phase12_lint.values.frames import Argument, Frame, parameter

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_NAMES = {"typing.overload", "typing_extensions.overload"}
_DISPATCHING = {"functools.singledispatch", "functools.singledispatchmethod"}
_REQUIRED = ("positional", "keyword")
Fit = bool | None  # None: not known


class Overloads:
    """The overloads of each function of a program, looked for once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[Scope, list[Scope]] = {}

    def of(self, scope: Scope) -> list[Scope]:
        """The declarations under ``@overload`` of the function ``scope``, in their order."""
        if scope not in self._known:
            mentioned = "overload" in scope.module.loads or "overload" in scope.module.imported
            beside = scope.parent.children if mentioned and scope.parent is not None else ()
            self._known[scope] = [each for each in beside if each.name == scope.name and self._declares(each)]
        return self._known[scope]

    def _declares(self, scope: Scope) -> bool:
        found = (
            atom
            for decorator in getattr(scope.node, "decorator_list", ())
            for atom in self._program.evaluate(decorator, scope.parent or scope)
        )
        return any(isinstance(atom, External) and atom.name in _NAMES for atom in found)


def returned(program: Program, function: Function, frame: Frame | None) -> Value | None:
    """What the overloads of ``function`` say that a call gives; None if it has none."""
    known = program.once(Overloads).of(function.scope)
    found = [
        declared_types.instance(program, *declared, under)
        for scope, under in _fitting(program, function, known, frame)
        if (declared := declared_types.returned(program, scope)) is not None
    ]
    return program.join(found) if found else None


def given(program: Program, param: Param) -> Value | None:
    """What the overloads say of the parameter ``param`` of the function that runs; None if there are none."""
    found = [
        declared_types.instance(program, same.node.annotation, scope.signature, None)
        for scope in program.once(Overloads).of(param.scope)
        if (same := parameter(_bound(scope), param.node.arg)) is not None
        and same.node.annotation is not None
        and same is not param
    ]
    return program.join(found) if found else None


def said_by_decorator(program: Program, param: Param) -> Value:
    """The class that a decorator names of what is given as ``param``: ``@handle.register(cls)`` of the parameter by
    which ``singledispatch`` chooses, ``@app.errorhandler(cls)`` of the exception.
    """
    scope = param.scope
    classes: set[Atom] = set()
    for decorator in getattr(scope.node, "decorator_list", ()):
        func = decorator.func if isinstance(decorator, ast.Call) and decorator.args else None
        if not isinstance(func, ast.Attribute) or scope.parent is None:
            continue
        if func.attr in frameworks.HANDLER_DECORATORS:
            is_meant = param in [each for each in scope.params if each.kind == "positional"][-1:]
        else:
            is_meant = func.attr == "register" and param.index == (scope.class_scope is not None)
            generic = program.evaluate(func.value, scope.parent) if is_meant else NOTHING
            is_meant = any(_dispatches(program, atom) for atom in generic)
        if is_meant:
            classes |= program.evaluate(decorator.args[0], scope.parent)
    return frozenset(Instance(atom.cls) for atom in classes if isinstance(atom, ClassRef))


def _dispatches(program: Program, atom: Atom) -> bool:
    if not isinstance(atom, Function) or atom.scope.parent is None:
        return False
    decorators = getattr(atom.scope.node, "decorator_list", ())
    found = program.join(program.evaluate(each, atom.scope.parent) for each in decorators)
    return any(isinstance(each, External) and each.name in _DISPATCHING for each in found)


def _bound(scope: Scope) -> Scope:
    return scope.module.bound(scope)


def _fitting(
    program: Program, function: Function, overloads: list[Scope], frame: Frame | None
) -> list[tuple[Scope, Frame | None]]:
    if frame is None:
        return [(scope, None) for scope in overloads]
    every = [
        (scope, program.call_frame(_beside(function, scope), frame.site, frame.shape, frame.caller))
        for scope in overloads
    ]
    found = []
    for scope, under in every:
        fits = _fits(program, under) if under is not None else None
        if fits is not False:
            found.append((scope, under))
        if fits:
            break
    return found or every


def _beside(function: Function, scope: Scope) -> Function:
    return Function(scope, function.receiver, function.closure)


def _fits(program: Program, frame: Frame) -> Fit:
    """Whether the call ``frame`` may be one of the overload that it is a call of."""
    takes = {param.kind for param in frame.scope.params}
    if (frame.extra and "star" not in takes) or (frame.extra_keywords and "starstar" not in takes):
        return None if any(each.spread for each in frame.extra) else False
    answers: list[Fit] = []
    for param in frame.scope.params:
        arguments = frame.bound.get(param.node.arg, ())
        is_self = param.index == 0 and frame.receiver is not None
        if arguments and param.node.annotation is not None:
            answers.append(_takes(program, param.node.annotation, arguments, frame))
        elif param.kind in _REQUIRED and param.default is None and not arguments and not is_self:
            return False
    return _all(answers)


def _all(answers: list[Fit]) -> Fit:
    return False if False in answers else None if None in answers else True


def _takes(program: Program, annotation: ast.expr, arguments: tuple[Argument, ...], frame: Frame) -> Fit:
    declared = declared_types.instance(program, annotation, frame.scope.signature, frame)
    constants = _constants(annotation)
    if constants and len(arguments) == 1 and isinstance(arguments[0].node, ast.Constant):
        return repr(arguments[0].node.value) in constants
    answers = {_admits(program, declared, atom) for atom in program.join(map(program.argument, arguments))}
    return answers.pop() if len(answers) == 1 else None


def _constants(annotation: ast.expr) -> set[str]:
    """What ``Literal[...]`` allows, where that is all that is allowed."""
    if not isinstance(annotation, ast.Subscript):
        return set()
    name = getattr(annotation.value, "id", getattr(annotation.value, "attr", ""))
    items = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    return {repr(getattr(item, "value", None)) for item in items} if name == "Literal" else set()


def _admits(program: Program, declared: Value, atom: Atom) -> Fit:
    """Whether ``atom`` may be what is ``declared``."""
    if atom in declared and atom not in (OTHER, UNKNOWN):
        return True
    if UNKNOWN in declared or atom is UNKNOWN or isinstance(atom, Sourced):
        return None
    if atom is OTHER or isinstance(atom, Text):
        has_text = atom is OTHER and any(isinstance(each, Text) for each in declared)
        return None if OTHER in declared or has_text else False
    if isinstance(atom, (Instance, ClassRef)):
        classes = [each.cls for each in declared if isinstance(each, type(atom))]
        if any(program.is_subclass(atom.cls, cls) for cls in classes):
            return True
        is_open = any(
            isinstance(cls, str) or program.governed.is_protocol(cls) for cls in (*classes, atom.cls)
        )
        return None if is_open else False
    return None if any(isinstance(each, type(atom)) for each in declared - {NONE, OTHER}) else False
