"""Parameters and results: what a function is given, and what it gives back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Param, Scope
from phase12_lint.values import (
    declared_types,
    folding,
    injection,
    metaclasses,
    narrowing,
    overloads,
    records,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    MAX_SITE_WEIGHT,
    NONE,
    NOTHING,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    Function,
    Instance,
    Site,
    Typed,
    Value,
)
from phase12_lint.values.classes import PROPERTIES, ClassInfo
from phase12_lint.values.frames import MAX_HEIGHT, MAX_WEIGHT, Argument, Frame, Shape, fill
from phase12_lint.values.ordering import frame_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


_GATHERING = {"star": "list", "starstar": "dict"}


def frame_for(
    program: Program, function: Function, site: ast.AST, shape: Shape, caller: Frame | None
) -> Frame | None:
    """The call of ``function`` at ``site``; None (any call) where calls nest too deeply, or recur.

    A call that recurs through the same site is the frame that it was the first time; through other sites it recurs
    once, or there would be as many as the sites have orders. A method that calls its namesake of a related class, as
    composites and wrappers do, would have as many frames as there are paths through all the classes that do so.
    """
    scope = function.scope
    again = 0
    for frame in caller.stack() if caller is not None else ():
        if frame.scope is scope and frame.site is site:
            return frame
        again += frame.scope is scope
        if again > 1:
            return None
        if (
            frame.scope is not scope
            and frame.scope.name == scope.name
            and _override(program, frame.scope, scope)
        ):
            return None
    frame = Frame(function.scope, site, function.receiver, function.closure, shape, caller)
    is_short = frame.weight <= MAX_WEIGHT and frame.height <= MAX_HEIGHT
    return program.frame(frame) if is_short else None


def _override(program: Program, one: Scope, other: Scope) -> bool:
    """Whether two methods of one name are of classes that have a class of the program in common."""
    first, second = one.class_scope, other.class_scope
    if first is None or second is None:
        return False
    line = program.class_of(second).ancestors(program)
    return any(
        not isinstance(base, str) and base in line for base in program.class_of(first).ancestors(program)
    )


def complete(program: Program, frame: Frame) -> None:
    """Bind the arguments of a new frame."""
    scope, given = frame.scope, frame.shape.positional
    scope.module.bound(scope)
    has_receiver = takes_receiver(scope) and frame.receiver is not None
    if frame.receiver is not None and scope.class_scope is None:
        given = (Argument(program.receiving(frame.receiver), scope, None), *given)
    fill(frame, given, has_receiver or injection.is_given_its_task(scope))


def takes_receiver(scope: Scope) -> bool:
    """Whether the first parameter is ``self`` or ``cls``."""
    return scope.class_scope is not None and "staticmethod" not in decorators(scope)


def is_self(node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is the first parameter of a method."""
    method = scope.method
    params = method.module.bound(method).params if method is not None else []
    return isinstance(node, ast.Name) and bool(params) and params[0].node.arg == node.id


def makes_manager(scope: Scope) -> bool:
    """Whether the function ``scope`` is a generator under ``contextmanager``."""
    return not {"contextmanager", "asynccontextmanager"}.isdisjoint(decorators(scope))


def decorators(scope: Scope) -> list[str]:
    """The last names of a function's decorators."""
    names = []
    for node in getattr(scope.node, "decorator_list", ()):
        target = node.func if isinstance(node, ast.Call) else node
        names.append(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return names


def is_property(scope: Scope) -> bool:
    """Whether reading the function calls it."""
    return not PROPERTIES.isdisjoint(decorators(scope))


def parameter_value(program: Program, param: Param, frame: Frame | None) -> Value:
    """What ``param`` may be under ``frame``; under any call of the program if that is None."""
    if frame is not None and frame.scope is not param.scope:
        frame = None
    receiver = _receiver(program, param, frame)
    if receiver is not None:
        return receiver
    declared = declared_for(program, param, frame)
    if declared is not None and param.kind == "star":
        declared = frozenset({Container("list", None, (declared,))})
    elif declared is not None and param.kind == "starstar":
        declared = frozenset({Container("dict", None, (ELSE, declared))})
    if declared is not None and not program.governed.leaves_room(declared):
        is_text = any(_may_be_text(program, atom) for atom in declared)
        return (is_text and _text_given(program, param, frame)) or declared
    passed = program.ask(("parameter", param, frame))
    value = declared_types.reconcile(program, ANYTHING if declared is None else declared, passed)
    if param.kind in _GATHERING:
        return value
    return program.told_apart(value, param.node, param.scope)


def declared_for(program: Program, param: Param, frame: Frame | None) -> Value | None:
    """What an annotation says of ``param``, or those of the function's overloads; None where none says anything."""
    annotation, declared = param.node.annotation, None
    if annotation is not None:
        declared = declared_types.instance(program, annotation, param.scope.signature, frame)
        if UNKNOWN not in declared:
            return declared
    stated = overloads.given(program, param)
    if stated is None and annotation is None:
        stated = overloads.said_by_decorator(program, param) or None
    return declared if stated is None else stated


def _text_given(program: Program, param: Param, frame: Frame | None) -> Value:
    """What ``frame`` passes for a parameter declared as something else than governed, if that is a known text."""
    if frame is None or param.kind in ("star", "starstar"):
        return NOTHING
    given: Value = program.ask(("parameter", param, frame))
    return given if folding.strings(given) else NOTHING


def _may_be_text(program: Program, atom: Atom) -> bool:
    """Whether a text may be given for what is declared as ``atom``."""
    if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
        return atom.cls.is_enum(program)
    return not isinstance(atom, (ClassRef, Container, Typed))


def _receiver(program: Program, param: Param, frame: Frame | None) -> Value | None:
    scope = param.scope
    owner = scope.class_scope
    if owner is None or param.index != 0 or param.kind != "positional" or not takes_receiver(scope):
        return None
    if frame is not None and frame.receiver is not None:
        return frozenset({frame.receiver})
    given = frame.bound.get(param.node.arg, ()) if frame is not None else ()
    explicit = program.join(map(program.argument, given))
    if explicit and all(isinstance(atom, (Function, Instance)) for atom in explicit):
        return explicit
    info = program.class_of(owner)
    names = decorators(scope)
    if "classmethod" in names or scope.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return frozenset({ClassRef(info)})
    made = metaclasses.classes_of(program, info) if metaclasses.is_metaclass(program, info) else NOTHING
    return made or frozenset({Instance(info)})


def compute_parameter(program: Program, param: Param, frame: Frame | None) -> Value:
    """What the calls of the program pass for ``param``."""
    if frame is not None:
        return _bound(program, param, frame)
    frames = program.ask(("frames", param.scope))
    unknown = program.ask(("escapes", param.scope))
    made = records.given_to_post_init(program, param)
    found = set(made)
    for call in sorted(frames, key=frame_order):
        found |= _bound(program, param, call)
    if param.kind in _GATHERING:
        return frozenset(found) | (_gathered(program, param, None) if unknown or not frames else NOTHING)
    if not frames:
        return made or injection.injected(program, param) or ANYTHING | _default(program, param)
    if found <= {UNKNOWN, NONE}:
        found |= injection.injected(program, param)
    return frozenset(found) | (ANYTHING if unknown else NOTHING)


def _gathered(program: Program, param: Param, frame: Frame | None) -> Value:
    """What is left of the arguments of the call ``frame``: they know themselves under which calls they are written."""
    if frame is not None and frame.weight > MAX_SITE_WEIGHT:
        frame = program.frame(Frame(frame.scope, frame.site, frame.receiver, None, frame.shape, None))
    return frozenset({Container(_GATHERING[param.kind], Site.of(param.node, param.scope, frame))})


def _bound(program: Program, param: Param, frame: Frame) -> Value:
    if param.kind in _GATHERING:
        return _gathered(program, param, frame)
    arguments = frame.bound.get(param.node.arg)
    if arguments is None:
        return _default(program, param)
    value = program.join(program.argument(argument) for argument in arguments)
    spread = all(argument.path and argument.path[-1][0] in ("index", "key") for argument in arguments)
    return value | _default(program, param) if spread else value


def _default(program: Program, param: Param) -> Value:
    injected = injection.injected(program, param)
    if injected or param.default is None:
        return injected
    outer = param.scope.parent
    assert outer is not None
    value = program.evaluate(param.default, outer)
    return value if value != JUST_NONE else frozenset({NONE})


def result(program: Program, function: Function, frame: Frame | None) -> Value:
    """What a call of ``function`` gives."""
    scope = function.scope
    value = _declared_result(program, function, frame)
    names = decorators(scope)
    if value is not None:
        if not program.governed.leaves_room(value) or (UNKNOWN not in value and is_stub(scope)):
            return value
        return declared_types.reconcile(program, value, program.ask(("result", scope, frame)))
    if is_run_of_plugin(program, scope):
        return ANYTHING
    value = program.ask(("result", scope, frame))
    if not is_stub(scope) and "abstractmethod" not in names:
        return value
    return value - ANYTHING if _is_overridden(program, function) else value | ANYTHING


def _is_overridden(program: Program, function: Function) -> bool:
    """Whether the overrides in the classes below say what a call of the stub ``function`` gives."""
    receiver, name = function.receiver, function.scope.name
    if not isinstance(receiver, Instance) or receiver.site is not None or isinstance(receiver.cls, str):
        return False
    overrides = (below.method(name) for below in program.subclasses(receiver.cls))
    return any(each is not None and not is_stub(each) for each in overrides)


def _declared_result(program: Program, function: Function, frame: Frame | None) -> Value | None:
    stated = overloads.returned(program, function, frame)
    declared = declared_types.returned(program, function.scope) if stated is None else None
    return stated if declared is None else declared_types.instance(program, *declared, frame)


def is_run_of_plugin(program: Program, scope: Scope) -> bool:
    """Whether it is the governed method of a plugin: what a plugin makes of its input is its own."""
    owner = scope.class_scope
    if owner is None or scope.name not in program.policy.plugin_methods:
        return False
    return program.governed.is_plugin_class(program.class_of(owner))


def compute_result(program: Program, scope: Scope, frame: Frame | None) -> Value:
    """What the body of ``scope`` returns, or yields as an iterable."""
    scope.module.bound(scope)
    if scope.yields:
        return frozenset({Container("list", Site.of(scope.node, scope, frame))})
    if not scope.returns:
        return ANYTHING if is_stub(scope) else JUST_NONE
    returns = scope.returns if frame is None else _come_to(program, scope, frame)
    return program.join(program.evaluate(node, scope, frame) for node in returns)


def _come_to(program: Program, scope: Scope, frame: Frame) -> list[ast.expr]:
    """The returns that are reached under the call ``frame``."""
    return [node for node in scope.returns if narrowing.is_come_to(program, node, scope, frame)]


def called(program: Program, atom: Atom) -> Function | None:
    """The function of the program that a call of ``atom`` calls: ``atom`` itself, or the ``__call__`` of an object."""
    if isinstance(atom, Instance):
        return program.method(atom, "__call__")
    return atom if isinstance(atom, Function) else None


def is_stub(scope: Scope) -> bool:
    """Whether the body only stands for others: ``...``, ``pass``, a docstring, ``raise NotImplementedError``."""
    body = getattr(scope.node, "body", None)
    if not isinstance(body, list):
        return False
    for statement in body:
        if isinstance(statement, (ast.Pass, ast.Raise)):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        return False
    return True
