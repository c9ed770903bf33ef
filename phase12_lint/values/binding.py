"""What an object has of the functions in its class: bound to it, under the decorators that the program defines."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values import frameworks, names, parameters
from phase12_lint.values.atoms import ANYTHING, NOTHING, Atom, ClassRef, External, Function, Instance, Value
from phase12_lint.values.classes import PROPERTIES, ClassInfo
from phase12_lint.values.frames import Argument, Shape

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_PROPERTIES = {"builtins.property", "functools.cached_property", "django.utils.functional.cached_property"}
_STATIC = "builtins.staticmethod"


def method(program: Program, scope: Scope, atom: Instance | ClassRef) -> Value:
    """What ``atom`` has of the method ``scope``, or of what decorators put in its place."""
    made = _made_of(program, scope)
    read = [each for each in made if isinstance(each, Instance) and program.method(each, "__get__")]
    if read:
        return program.join(bound(program, each, atom) for each in read)
    said = parameters.decorators(scope)
    return program.join(_accessed(program, each, said, atom) for each in functions(program, scope))


def functions(program: Program, scope: Scope) -> list[Function]:
    """The function ``scope``, or the functions that decorators put in its place."""
    return [each for each in _made_of(program, scope) if isinstance(each, Function)] or [Function(scope)]


def is_replaced(program: Program, scope: Scope) -> bool:
    """Whether a decorator puts another function in the place of ``scope``."""
    return all(each.scope is not scope for each in functions(program, scope))


def _made_of(program: Program, scope: Scope) -> Value:
    """What decorators make of it; how a plugin runs, and what that gives, is its own."""
    decorators: Sequence[ast.expr] = getattr(scope.node, "decorator_list", ())
    if not decorators or parameters.is_run_of_plugin(program, scope):
        return frozenset({Function(scope)})
    return names.under(program, scope, decorators, scope.parent or scope, None)


def bound(program: Program, item: Atom, atom: Instance | ClassRef) -> Value:
    """What ``atom`` has of ``item``, which is in the body of its class."""
    if isinstance(item, Function) and item.receiver is None and isinstance(atom, Instance):
        return frozenset({Function(item.scope, atom, item.closure)})
    if isinstance(item, Instance) and isinstance(item.cls, ClassInfo):
        getter = program.method(item, "__get__")
        if getter is not None:
            return program.apply(getter, item.cls.node, item.cls.scope, None, Shape((), ()))
    elif isinstance(item, Instance) and item.cls in frameworks.FIELDS and isinstance(atom, Instance):
        return _of_field(program, item)
    return frozenset({item})


def got(program: Program, call: ast.expr | None, cls: ClassInfo, atom: Instance | ClassRef) -> Value:
    """What the getter gives ``atom`` that ``call`` of ``property`` in the body of ``cls`` is given; else nothing."""
    if not isinstance(call, ast.Call) or not isinstance(atom, Instance):
        return NOTHING
    callee = program.evaluate(call.func, cls.scope)
    if not any(isinstance(each, External) and each.name in _PROPERTIES for each in callee):
        return NOTHING
    getters = (*call.args[:1], *(each.value for each in call.keywords if each.arg == "fget"))
    shape = Shape((Argument(program.receiving(atom), cls.scope, None),), ())
    return program.join(
        program.apply(each, call, cls.scope, None, shape)
        for getter in getters
        for each in program.evaluate(getter, cls.scope)
    )


def _of_field(program: Program, field: Instance) -> Value:
    """What an object has where its class has ``field`` of a library; a class that a text names is left open."""
    site = field.site
    if site is None or not isinstance(call := site.node, ast.Call):
        return ANYTHING
    given = [*call.args[:1], *(each.value for each in call.keywords if each.arg in ("klass", "to"))]
    classes = program.join(program.evaluate(each, site.scope, site.frame) for each in given)
    found = {Instance(each.cls, None, each.arguments) for each in classes if isinstance(each, ClassRef)}
    return frozenset(found) if found and len(found) == len(classes) else ANYTHING.union(found)


def is_kept_as_it_is(program: Program, definition: Assigned, cls: ClassInfo) -> bool:
    """Whether what the body of ``cls`` assigns is bound to nothing: a static method, or what a field is without an
    argument.
    """
    given = definition.value
    if isinstance(given, ast.Call) and External(_STATIC) in program.evaluate(given.func, cls.scope):
        return True
    return definition.annotation is not None and cls.fields(program) is not None


def _accessed(program: Program, function: Function, said: list[str], atom: Instance | ClassRef) -> Value:
    """What ``function`` is read as, which stands in the class under decorators of the names ``said``."""
    scope, closure = function.scope, function.closure
    if "classmethod" in said:
        return frozenset({Function(scope, ClassRef(atom.cls, False, atom.arguments), closure)})
    if "staticmethod" in said or isinstance(atom, ClassRef):
        return frozenset({function})
    method = Function(scope, atom, closure)
    if PROPERTIES.isdisjoint(said):
        return frozenset({method})
    frame = parameters.frame_for(program, method, scope.node, Shape((), ()), None)
    return parameters.result(program, method, frame)
