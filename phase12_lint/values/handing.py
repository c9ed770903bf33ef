"""Functions handed over to be called elsewhere: pools, threads, queues, ``map``, ``partial``, decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.index import operators
from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import (
    binding,
    callers,
    enumerations,
    hooks,
    models,
    operator_calls,
    partials,
    signals,
    stored_elsewhere,
    subclasses,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    UNKNOWN,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Method,
    Site,
    Sourced,
    Typed,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of
from phase12_lint.values.held_names import may_be_of_program
from phase12_lint.values.loads import place_order
from phase12_lint.values.parameters import decorators, is_property

if TYPE_CHECKING:
    from phase12_lint.values.loads import Place
    from phase12_lint.values.program import Program

_PER_ELEMENT = {"map", "imap", "imap_unordered", "filter", "map_async", "filterfalse", "takewhile"}
_PER_ELEMENT_SPREAD = {"starmap", "starmap_async"}
SENDING = {"delay", "apply_async", "send", "remote", "kiq", "defer", "s", "si", "call_local", "__call__"}
SENDING |= {"apply", "enqueue", "schedule", "send_with_options", "signature", "spawn", "subtask"}
_CALLED_BACK = {"target", "func", "function", "fn", "callback", "key", *models.FACTORY_KEYWORDS}
_IN_A_TUPLE = {"apply_async", "apply", "schedule", "send_with_options", "signature", "subtask"}
_TUPLE_BEHIND = {"apply": 1, "apply_async": 1, "start_new_thread": 1, "Timer": 1, "Thread": 2, "Process": 2}
_PACKED = {"args", "argument", "kwargs", "kwds"}
_BY_NAME = {
    "builtins.getattr",
    "builtins.setattr",
    "builtins.object.__setattr__",
    "builtins.type.__setattr__",
}
_OF_THE_CALL = {"args", "argument", "target", "timeout"}


def passes_on(program: Program, callee: Value) -> bool:
    """Whether a call gives back its first argument, or a container of what is in it."""
    return any(isinstance(atom, External) and models.passes_on(atom.name) for atom in callee)


def is_outside(atom: object) -> bool:
    """Whether calling ``atom`` leaves the program: what it does with a function it is given is not seen."""
    if isinstance(atom, (External, Method, Typed, Sourced)) or atom is UNKNOWN:
        return True
    return isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, str)


def _only_looks(atom: object) -> bool:
    """Whether ``atom`` never calls what it is given."""
    return isinstance(atom, External) and (
        models.only_looks(atom.name) or models.keeps(atom.name) or atom.name in _BY_NAME
    )


def callee(program: Program, call: ast.Call, scope: Scope, frame: Frame | None) -> Value:
    """What ``call`` calls, as far as that is of the program: what cannot be is not looked into."""
    return (
        program.evaluate(call.func, scope, frame)
        if may_be_of_program(program, call.func, scope)
        else ANYTHING
    )


def handed_frames(
    program: Program, call: ast.Call, callee: Value, scope: Scope, frame: Frame | None
) -> Iterator[Frame]:
    """The calls that something outside the program will make of the functions that ``call`` hands to it."""
    if not (call.args or call.keywords) or not any(is_outside(a) and not _only_looks(a) for a in callee):
        return
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    shape = shape_of(call, scope, frame)
    for position, argument in enumerate(shape.positional):
        if _may_be_function(argument.node):
            for function in _functions(program, argument):
                yield from _frame(program, function, call, _after(shape, position, name), frame)
    for keyword, argument in shape.keywords:
        if keyword in _CALLED_BACK and _may_be_function(argument.node):
            for function in _functions(program, argument):
                yield from _frame(program, function, call, _named(shape, keyword), frame)


def arguments_behind(call: ast.Call, function: ast.expr, scope: Scope) -> Shape | None:
    """The arguments that ``call`` hands on to ``function``, one of its own; None where it hands on none."""
    if not any(argument is function for argument in call.args):
        return None
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    position = next(i for i, argument in enumerate(call.args) if argument is function)
    shape = _after(shape_of(call, scope, None), position, name)
    return shape if shape.positional or shape.keywords else None


def is_function(program: Program, argument: Argument) -> bool:
    """Whether ``argument`` is a function of the program, as far as is known."""
    return _may_be_function(argument.node) and bool(_functions(program, argument))


def _may_be_function(node: ast.expr) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute, ast.Lambda, ast.Call))


def _functions(program: Program, argument: Argument) -> list[tuple[Function, Shape | None]]:
    return partials.functions(program, program.argument(argument))


def _frame(
    program: Program,
    function: tuple[Function, Shape | None],
    call: ast.Call,
    shape: Shape,
    caller: Frame | None,
) -> Iterator[Frame]:
    first = function[1]
    frame = program.call_frame(function[0], call, shape.after(first) if first is not None else shape, caller)
    if frame is not None:
        yield frame


def _after(shape: Shape, position: int, name: str) -> Shape:
    """The arguments that ``submit(f, a, b)``, ``map(f, xs)``, ``apply(f, (a, b))`` and their like call ``f`` with."""
    rest = shape.positional[position + 1 :]
    if name in _PER_ELEMENT:
        return Shape(tuple(a.element() for a in rest), (), shape.where)
    if name in _PER_ELEMENT_SPREAD:
        return Shape(tuple(a.element(spread=True) for a in rest), (), shape.where)
    if name == "reduce" and rest:
        element = rest[0].element()
        return Shape((rest[1] if len(rest) > 1 else element, element), (), shape.where)
    if name == "accumulate" and position == 1:
        element = shape.positional[0].element()
        return Shape((dict(shape.keywords).get("initial", element), element), (), shape.where)
    if name in ("sorted", "min", "max"):
        return Shape(
            tuple(a.element() for a in shape.positional if a is not shape.positional[position]),
            (),
            shape.where,
        )
    if name in _TUPLE_BEHIND or not _PACKED.isdisjoint(dict(shape.keywords)):
        return _packed(shape, position + _TUPLE_BEHIND.get(name, len(rest) + 1))
    return Shape(rest, shape.keywords, shape.where)


def _named(shape: Shape, keyword: str) -> Shape:
    if keyword == "key":
        return Shape(tuple(a.element() for a in shape.positional), (), shape.where)
    return _packed(shape, len(shape.positional))


def _packed(shape: Shape, position: int) -> Shape:
    """The arguments that stand in a tuple at ``position`` and a dictionary behind it, or under keywords."""
    given = dict(zip(("args", "kwargs"), shape.positional[position : position + 2]))
    keywords = {**given, **dict(shape.keywords)}
    packed = keywords.get("args") or keywords.get("argument")
    return Shape(_displayed(packed) if packed is not None else (), _keywords(keywords), shape.where)


def _keywords(keywords: dict[str, Argument]) -> tuple[tuple[str, Argument], ...]:
    given = keywords.get("kwargs") or keywords.get("kwds")
    if given is not None and isinstance(given.node, ast.Dict):
        return tuple(
            (key.value, Argument(value, given.scope, given.frame))
            for key, value in zip(given.node.keys, given.node.values)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        )
    if given is not None:
        return (("", Argument(given.node, given.scope, given.frame, given.path, True)),)
    return tuple(item for item in keywords.items() if item[0] not in _OF_THE_CALL)


def _displayed(argument: Argument) -> tuple[Argument, ...]:
    if isinstance(argument.node, (ast.Tuple, ast.List)):
        return tuple(
            Argument(item.value, argument.scope, argument.frame, (), True)
            if isinstance(item, ast.Starred)
            else Argument(item, argument.scope, argument.frame)
            for item in argument.node.elts
        )
    return (Argument(argument.node, argument.scope, argument.frame, argument.path, True),)


def compute_frames(program: Program, scope: Scope) -> frozenset[Frame]:
    """Every call of ``scope`` that the program shows."""
    found: set[Frame] = set()
    places = () if is_property(scope) else sorted(program.references(scope), key=place_order)
    for place in places:
        if not place.wrapped:
            found |= _calls_at(program, place, scope)
    owner = scope.class_scope
    if owner is not None:
        found |= _special_calls(program, scope, owner)
    return frozenset(found.union(signals.calls(program, scope), hooks.calls(program, scope)))


def _calls_at(program: Program, place: Place, scope: Scope) -> set[Frame]:
    parent = place.scope.module.parents.get(place.node)
    if isinstance(parent, ast.keyword):
        parent = place.scope.module.parents[parent]
    if isinstance(parent, ast.Call) and parent.func is place.node:
        return _direct(program, parent, place, scope)
    if isinstance(parent, ast.Attribute) and parent.attr in SENDING:
        return _sent(program, parent, place, scope)
    if any(decorator is place.node for decorator in getattr(parent, "decorator_list", ())):
        return _decorations(program, place, scope)
    if isinstance(parent, ast.Call):
        callee = program.evaluate(parent.func, place.scope, place.frame)
        if partials.makes_one(callee) and parent.args and parent.args[0] is place.node:
            return partials.calls(program, parent, place, scope)
        frames = handed_frames(program, parent, callee, place.scope, place.frame)
        return {frame for frame in frames if frame.scope is scope}
    return set()


def _decorations(program: Program, place: Place, scope: Scope) -> set[Frame]:
    """A decorator is called with what it decorates."""
    module = place.scope.module
    decorated = module.scope_of_node[module.parents[place.node]]
    frames = {
        program.decoration(atom, place.node, decorated)
        for atom in program.evaluate(place.node, place.scope, place.frame)
        if isinstance(atom, Function) and atom.scope is scope
    }
    return {frame for frame in frames if frame is not None}


def _sent(program: Program, method: ast.Attribute, place: Place, scope: Scope) -> set[Frame]:
    """``task.delay(x)``: a task queue's way to call the function that it decorates."""
    call = place.scope.module.parents.get(method)
    if not isinstance(call, ast.Call) or call.func is not method:
        return set()
    shape = shape_of(call, place.scope, place.frame)
    if method.attr in _IN_A_TUPLE:
        shape = _packed(shape, 0)
    frame = program.call_frame(Function(scope, program.default_receiver(scope)), call, shape, place.frame)
    return {frame} if frame is not None else set()


def _direct(program: Program, call: ast.Call, place: Place, scope: Scope) -> set[Frame]:
    found = set()
    shape = shape_of(call, place.scope, place.frame)
    callee = program.evaluate(call.func, place.scope, place.frame)
    is_one_of_several = (
        place.frame is None
        and place.scope.parent not in (None, place.scope.module.scope)
        and sum(isinstance(atom, Function) for atom in callee) > 1
        and callers.is_to_be_told_apart(program, call, shape, scope.name)
    )
    for caller in callers.closures_of(program, place.scope) if is_one_of_several else (place.frame,):
        program.spend(1)
        given = shape if caller is place.frame else shape_of(call, place.scope, caller)
        known = callee if caller is place.frame else program.evaluate(call.func, place.scope, caller)
        for atom in known:
            for function in _bound_to(program, atom, call, place, scope):
                frame = program.call_frame(function, call, given, caller)
                frame = frame or program.call_frame(function, call, given, None)
                found |= {frame} if frame is not None else set()
    if (
        not found
        and not is_one_of_several
        and scope.kind != "class"
        and not (_are_others(callee, scope, call) or binding.is_replaced(program, scope))
    ):
        function = Function(scope, program.default_receiver(scope))
        frame = program.call_frame(function, call, shape, place.frame)
        found |= {frame} if frame is not None else set()
    return found


def _are_others(callee: Value, scope: Scope, call: ast.Call) -> bool:
    """Whether ``callee`` is known to be the namesakes of the method ``scope`` that other classes have, or what other
    objects keep in the attribute that ``call`` reads.
    """
    is_kept = isinstance(call.func, ast.Attribute) and call.func.attr != scope.name
    return bool(callee) and all(
        isinstance(atom, Function)
        and atom.scope is not scope
        and (is_kept or _is_namesake(atom.scope, scope))
        for atom in callee
    )


def _is_namesake(one: Scope, other: Scope) -> bool:
    return one.name == other.name and one.class_scope not in (None, other.class_scope)


def _bound_to(
    program: Program, atom: object, call: ast.Call, place: Place, scope: Scope
) -> Iterator[Function]:
    if isinstance(atom, Function) and atom.scope is scope:
        yield atom
    elif isinstance(atom, (Instance, ClassRef)) and isinstance(atom, ClassRef) and scope.name == "__init__":
        init = program.method(program.constructed(atom, call, place.scope, place.frame), "__init__")
        if init is not None and init.scope is scope:
            yield init


def _special_calls(program: Program, scope: Scope, owner: Scope) -> set[Frame]:
    """Constructors, setters and ``__call__``: calls that do not spell the method's name."""
    found: set[Frame] = set()
    cls = program.class_of(owner)
    if scope.name in ("__init__", "__new__"):
        for site in (*subclasses.makers(program, cls), *enumerations.sites(program, cls)):
            made = Instance(cls, site)
            shape = enumerations.making(program, made)
            if shape is not None:
                frame = program.call_frame(Function(scope, made), site.node, shape, site.frame)
                found |= {frame} if frame is not None else set()
    elif scope.name == "__call__":
        for site in program.constructions(cls):
            found |= set(_calls_of_object(program, Function(scope, Instance(cls, site)), site))
    elif scope.name in operators.CALLED:
        found |= set(operator_calls.frames(program, scope, cls))
    elif scope.name == "__getattr__":
        found |= set(operator_calls.frames_of_getattr(program, scope, cls))
    elif "setter" in decorators(scope):
        for argument in _set_through(program, cls, scope.name):
            shape = Shape((argument,), (), argument.scope)
            frame = program.call_frame(Function(scope, Instance(cls)), argument.node, shape, None)
            found |= {frame} if frame is not None else set()
    return found


def _calls_of_object(program: Program, function: Function, site: Site) -> Iterator[Frame]:
    """The calls of the object made at ``site``, and those by which it decorates; each calls ``function``."""
    for place in program.places(site.node, site.scope):
        frame = None
        if place.call is not None:
            shape = shape_of(place.call, place.scope, place.frame)
            frame = program.call_frame(function, place.call, shape, place.frame)
        elif place.decorated is not None:
            frame = program.decoration(function, place.node, place.decorated)
        if frame is not None:
            yield frame


def compute_escapes(program: Program, scope: Scope) -> frozenset[bool]:
    """True in it if something outside the program may call ``scope``: a decorator or a callee that is not seen."""
    outer = scope.parent
    assert outer is not None
    for decorator in getattr(scope.node, "decorator_list", ()):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        for atom in program.evaluate(target, outer):
            if atom is UNKNOWN or (
                isinstance(atom, External) and not program.governed.is_known_external(atom.name)
            ):
                return frozenset({True})
            if isinstance(atom, Method) and not isinstance(atom.owner, Container):
                return frozenset({True})
    return frozenset()


def _set_through(program: Program, cls: ClassInfo, name: str) -> Iterator[Argument]:
    """What is stored in a property."""
    stores: list[tuple[ast.expr, Scope]] = [*cls.writes().get(name, ())]
    for owner, scope, value in stored_elsewhere.foreign_stores(program.project.modules_storing(name), name):
        known = program.evaluate(owner, scope)
        if any(isinstance(a, (Instance, ClassRef)) and program.related(a.cls, cls) for a in known):
            stores.append((value, scope))
    for store, scope in stores:
        source = source_of(scope, store)
        if source is not None:
            yield Argument(source[0], scope, None, source[1])
