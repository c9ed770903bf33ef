"""Where a value goes: the forward direction, from the place that makes it to every place that has it.

A place is an expression that may have the value, or a container that holds it: ``wrapped`` are the positions or
keys by which it is reached from there, None where any may be it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Param, Raw, Scope, bases
from phase12_lint.values import command_lines, handing, models
from phase12_lint.values.atoms import Atom, ClassRef, Function, Instance, ModuleRef, Partial
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, parameter, shape_of
from phase12_lint.values.keys import constant, fits
from phase12_lint.values.loads import Place, Wrapping, attribute_loads, name_loads
from phase12_lint.values.made_classes import made_by_call
from phase12_lint.values.mentions import decorated_places, mentions
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.parameters import is_property

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_DEEPEST = 2
_UNWRAPPING = {"get", "pop", "setdefault", "popleft", "get_nowait", "popitem", "__getitem__", "__next__"}
_KEEPING = {"values", "copy", "clone", "__iter__"}
PUTTING = {"append", "add", "appendleft", "put", "put_nowait", "push", "insert", "setdefault"}
PUTTING |= {"extend", "update"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


def compute_places(program: Program, node: ast.AST, scope: Scope, within: int = 0) -> frozenset[Place]:
    """Every place that the value made at the expression ``node`` comes to, ``node`` itself included.

    ``node`` may be a parameter or a target, too, and stands for what comes in there; ``within`` for what is so deep in
    a container that does.
    """
    return closure(program, starts(program, node, scope, within))


def starts(program: Program, node: ast.AST, scope: Scope, within: int) -> Iterator[Place]:
    """The first of these places."""
    wrapped: Wrapping = (None,) * within
    if isinstance(node, ast.arg):
        yield from _loads_with(name_loads(program, scope, node.arg, node), wrapped)
    elif isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None), ast.Store):
        yield from into_target(program, node, scope, wrapped, None)
    elif isinstance(node, ast.expr):
        yield from _of_expression(program, node, scope, wrapped)


def compute_followed(program: Program, place: Place) -> frozenset[Place]:
    """Every place that the value at ``place`` comes to, under its call."""
    return closure(program, [place])


def _of_expression(program: Program, node: ast.expr, scope: Scope, wrapped: Wrapping) -> Iterator[Place]:
    place = Place(node, scope, wrapped)
    decorated = place.decorated if isinstance(node, (ast.Name, ast.Attribute)) else None
    factory = models.factory_given(node, scope.module)
    if decorated is not None and decorated.class_scope is None:
        yield from name_loads(program, scope, decorated.name, decorated.node)
    elif factory is not None:
        yield _of_product(factory, scope, wrapped)
    else:
        yield place


def _of_product(factory: tuple[ast.Call, bool], scope: Scope, wrapped: Wrapping) -> Place:
    """The call that is given a factory, as a place of what the factory makes."""
    call, holds = factory
    return Place(call, scope, (*wrapped, None) if holds else wrapped)


def compute_references(program: Program, scope: Scope) -> frozenset[Place]:
    """Every place that the function or class defined by ``scope`` comes to."""
    node = scope.node
    if isinstance(node, ast.Lambda):
        outer = scope.parent
        assert outer is not None
        return program.places(node, outer)
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    call = made_by_call(node, scope)
    if call is not None and scope.parent is not None:
        return program.places(call, scope.parent)
    return closure(program, [*mentions(program, scope), *decorated_places(program, scope)])


def closure(
    program: Program, start: Iterable[Place], follows: Callable[[Place, Place], bool] | None = None
) -> frozenset[Place]:
    """The places of ``start`` and all that come after them, as far as ``follows`` lets through from one to the next."""
    found = dict.fromkeys(start)
    queue = list(found)
    while queue:
        place = queue.pop()
        for following in program.ask(("successors", place)):
            if following in found or len(following.wrapped) > _DEEPEST:
                continue
            if follows is None or follows(place, following):
                found[following] = None
                queue.append(following)
    return frozenset(found)


def compute_successors(program: Program, place: Place) -> frozenset[Place]:
    """See ``successors``: many ways lead through the same places."""
    return frozenset(successors(program, place))


def successors(program: Program, place: Place) -> Iterator[Place]:
    """The places that the value comes to next: what its parent does with it decides, and one of these knows."""
    parent = place.scope.module.parents.get(place.node)
    for step in _STEPS.get(type(parent), ()):
        yield from step(program, parent, place)


def _as_itself(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    if isinstance(parent, ast.expr) and not (isinstance(parent, ast.IfExp) and parent.test is place.node):
        yield Place(parent, place.scope, place.wrapped, place.frame)


def _stored(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    targets: list[ast.expr] = []
    if isinstance(parent, ast.Assign):
        targets = parent.targets
    elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)) and parent.value is place.node:
        targets = [parent.target]
    for target in targets:
        yield from into_target(program, target, place.scope, place.wrapped, place.frame)


def _into_container(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    node, wrapped = place.node, place.wrapped
    if isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
        position = next(i for i, item in enumerate(parent.elts) if item is node)
        starred = any(isinstance(item, ast.Starred) for item in parent.elts[:position])
        yield Place(parent, place.scope, (*wrapped, None if starred else position), place.frame)
    elif isinstance(parent, ast.Starred):
        yield Place(parent, place.scope, wrapped[:-1], place.frame)
    elif isinstance(parent, ast.Dict):
        for key, value in zip(parent.keys, parent.values):
            if key is node:
                yield Place(parent, place.scope, (*wrapped, None), place.frame)
            elif value is node:
                inner = (*wrapped, constant(key)) if key is not None else wrapped
                yield Place(parent, place.scope, inner, place.frame)
    elif (isinstance(parent, _COMPREHENSIONS) and parent.elt is node) or (
        isinstance(parent, ast.DictComp) and node in (parent.key, parent.value)
    ):
        yield Place(parent, place.scope, (*wrapped, None), place.frame)


def _out_of_container(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    node, scope, wrapped, frame = place.node, place.scope, place.wrapped, place.frame
    if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
        yield from into_target(program, parent.optional_vars, scope, wrapped[:-1], frame)
    if not wrapped:
        return
    if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)) and parent.iter is node:
        yield from into_target(program, parent.target, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.Subscript) and parent.value is node and _is_read(parent, scope.module):
        if isinstance(parent.slice, ast.Slice):
            yield Place(parent, scope, (*wrapped[:-1], None), frame)
        elif fits(wrapped[-1], constant(parent.slice)):
            yield Place(parent, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.Attribute) and parent.value is node:
        yield from _method_of_container(parent, place)


def _is_read(node: ast.Subscript, module: Module) -> bool:
    """Whether the element is taken out, if only to add to it in place."""
    return isinstance(node.ctx, ast.Load) or isinstance(module.parents.get(node), ast.AugAssign)


def _across_calls(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    if isinstance(parent, ast.keyword):
        parent = place.scope.module.parents[parent]
    if isinstance(parent, ast.Call) and parent.func is not place.node:
        yield from _into_call(program, parent, place)
    elif isinstance(parent, (ast.Return, ast.Lambda, ast.YieldFrom)):
        yield from _returned(program, place.scope, place.wrapped, place.frame)
    elif isinstance(parent, ast.Yield):
        yield from _returned(program, place.scope, (*place.wrapped, None), place.frame)
    elif isinstance(parent, ast.arguments):
        yield from _default(program, parent, place.node, place.scope, place.wrapped)


def _method_of_container(attribute: ast.Attribute, place: Place) -> Iterator[Place]:
    call = place.scope.module.parents[attribute]
    if isinstance(call, ast.Call) and call.func is attribute:
        if attribute.attr in _UNWRAPPING:
            yield Place(call, place.scope, place.wrapped[:-1], place.frame)
        elif attribute.attr in _KEEPING:
            yield Place(call, place.scope, place.wrapped, place.frame)
        elif attribute.attr == "items":
            yield Place(call, place.scope, (*place.wrapped[:-1], 1, None), place.frame)


def into_target(
    program: Program, target: ast.expr, scope: Scope, wrapped: Wrapping, frame: Frame | None
) -> Iterator[Place]:
    """Where the value can be read after it has been stored in ``target``."""
    if isinstance(target, ast.Name):
        yield from _loads_with(name_loads(program, scope, target.id, target, frame), wrapped)
        if scope.kind == "class":
            yield from _loads_with(attribute_loads(program, program.class_of(scope), target.id), wrapped)
    elif isinstance(target, (ast.Tuple, ast.List)):
        starred = any(isinstance(item, ast.Starred) for item in target.elts)
        for position, item in enumerate(target.elts):
            if not wrapped or starred or fits(wrapped[-1], position):
                yield from into_target(program, item, scope, wrapped[:-1], frame)
    elif isinstance(target, ast.Starred):
        yield from into_target(program, target.value, scope, (*wrapped, None), frame)
    elif isinstance(target, ast.Attribute):
        yield from _loads_with(_same_attribute(program, target, scope, frame), wrapped)
    elif isinstance(target, ast.Subscript):
        yield from _stored_in(program, target.value, scope, (*wrapped, constant(target.slice)))


def _loads_with(places: Iterable[Place], wrapped: Wrapping) -> Iterator[Place]:
    for place in places:
        yield Place(place.node, place.scope, wrapped, place.frame)


def _same_attribute(
    program: Program, node: ast.Attribute, scope: Scope, frame: Frame | None = None
) -> Iterator[Place]:
    for atom in program.evaluate(node.value, scope, frame):
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            yield from attribute_loads(program, atom.cls, node.attr, of=atom)
        elif isinstance(atom, ModuleRef) and atom.module is not None:
            yield from name_loads(program, atom.module.scope, node.attr, None)


def _stored_in(program: Program, container: ast.expr, scope: Scope, wrapped: Wrapping) -> Iterator[Place]:
    """The places where the variable or attribute that holds ``container`` is read."""
    if isinstance(container, ast.Attribute):
        yield from _loads_with(_same_attribute(program, container, scope), wrapped)
    elif isinstance(container, ast.Subscript):
        yield from _stored_in(program, container.value, scope, (*wrapped, constant(container.slice)))
    elif isinstance(container, ast.Call) and isinstance(container.func, ast.Attribute):
        if container.func.attr in ("setdefault", "get"):
            yield from _stored_in(program, container.func.value, scope, (*wrapped, None))
    elif isinstance(container, ast.Name):
        scope.module.bound(scope)
        definitions = scope.module.definitions.get(container)
        for definition in bases(definitions) if definitions else ():
            if not isinstance(definition, Raw):
                loads = name_loads(program, definition.scope, container.id, definition.node)
                yield from _loads_with(loads, wrapped)
        owner = _binding_scope(scope, container.id)
        if owner is not scope or not definitions:
            yield from _loads_with(name_loads(program, owner, container.id, None), wrapped)


def _binding_scope(scope: Scope, name: str) -> Scope:
    for current in scope.chain():
        current.module.bound(current)
        if name in current.declared_global:
            return scope.module.scope
        if name in current.bindings and (current is scope or current.kind != "class"):
            return current
    return scope.module.scope


def _returned(program: Program, scope: Scope, wrapped: Wrapping, frame: Frame | None) -> Iterator[Place]:
    if not scope.is_function:
        return
    factory = models.factory_given(scope.node, scope.module)
    if factory is not None and scope.parent is not None:
        yield _of_product(factory, scope.parent, wrapped)
    if is_property(scope) and any(map(_is_called, program.ask(("result", scope, None)))):
        yield from _loads_with(mentions(program, scope), wrapped)
    for call in sorted(program.ask(("frames", scope)), key=frame_order):
        where = call.shape.where
        if not isinstance(call.site, ast.expr) or frame not in (None, call):
            continue
        decorated = call.decorated
        if decorated is not None and decorated.parent is not None:
            loads = list(decorated_places(program, decorated, call.site))
            yield from _loads_with(loads or mentions(program, decorated), wrapped)
        elif where is not None:
            factory = _factory_in(program, call.site, where, scope)
            place = Place(call.site, where, wrapped, frame.caller if frame is not None else None)
            yield _of_product(factory, where, wrapped) if factory is not None else place


def _factory_in(
    program: Program, call: ast.expr, scope: Scope, function: Scope
) -> tuple[ast.Call, bool] | None:
    """``call`` if it is given ``function`` as a factory."""
    if not isinstance(call, ast.Call):
        return None
    for given, holds in models.factories_in(call):
        if any(isinstance(a, Function) and a.scope is function for a in program.evaluate(given, scope)):
            return call, holds
    return None


def _default(
    program: Program, arguments: ast.arguments, node: ast.expr, scope: Scope, wrapped: Wrapping
) -> Iterator[Place]:
    inner = scope.module.scope_of_node.get(scope.module.parents[arguments])
    if inner is not None:
        scope.module.bound(inner)
        for param in inner.params:
            if param.default is node:
                yield from _loads_with(name_loads(program, inner, param.node.arg, param.node), wrapped)


def _into_call(program: Program, call: ast.Call, place: Place) -> Iterator[Place]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in PUTTING:
        yield from _stored_in(program, call.func.value, place.scope, (*place.wrapped, None))
        if call.func.attr == "setdefault":
            yield Place(call, place.scope, place.wrapped, place.frame)
    callee = program.evaluate(call.func, place.scope, place.frame)
    if handing.passes_on(program, callee):
        yield Place(call, place.scope, place.wrapped, place.frame)
    for atom in callee:
        if isinstance(atom, (Function, ClassRef)):
            yield from _into_callee(program, atom, call, place)
    for frame in handing.handed_frames(program, call, callee, place.scope, place.frame):
        yield from _into_frame(program, frame, place)


def _into_callee(
    program: Program, atom: Function | ClassRef, call: ast.Call, place: Place
) -> Iterator[Place]:
    if isinstance(atom, Function):
        shape = shape_of(call, place.scope, place.frame)
        frame = program.call_frame(atom, call, shape, place.frame)
        if frame is None and _is_function(program, place):  # of all else too much would go through there
            frame = program.call_frame(atom, call, shape, None)
        yield from _into_frame(program, frame, place)
        return
    if isinstance(atom.cls, str):
        return
    instance = program.constructed(atom, call, place.scope, place.frame)
    init = program.method(instance, "__init__")
    if init is not None:
        yield from _into_callee(program, init, call, place)
        return
    for name in atom.cls.fields(program) or ():
        if atom.cls.takes(program, name, call, place.node):
            yield from _loads_with(attribute_loads(program, atom.cls, name, of=instance), place.wrapped)


def _is_function(program: Program, place: Place) -> bool:
    atoms = () if place.wrapped else program.evaluate(place.node, place.scope, place.frame)
    return any(map(_is_called, atoms))


def _is_called(atom: Atom) -> bool:
    return isinstance(atom, (Function, Partial))


def _into_frame(program: Program, frame: Frame | None, place: Place) -> Iterator[Place]:
    if frame is None:
        return
    for name, arguments in frame.bound.items():
        if any(argument.node is place.node for argument in arguments):
            param = parameter(frame.scope, name)
            if param is not None:
                yield from _parameter_loads(program, param, place.wrapped, frame)
    for param in frame.scope.params:
        if (param.kind == "star" and any(a.node is place.node for a in frame.extra)) or (
            param.kind == "starstar" and any(a.node is place.node for _, a in frame.extra_keywords)
        ):
            yield from _parameter_loads(program, param, (*place.wrapped, None), frame)


def _parameter_loads(program: Program, param: Param, wrapped: Wrapping, frame: Frame) -> Iterator[Place]:
    yield from _loads_with(name_loads(program, param.scope, param.node.arg, param.node, frame), wrapped)


_STEPS: dict[type, tuple[Callable[[Program, ast.AST | None, Place], Iterator[Place]], ...]] = {
    ast.NamedExpr: (_as_itself, _stored),
    **dict.fromkeys((ast.BoolOp, ast.IfExp, ast.Await), (_as_itself,)),
    **dict.fromkeys((ast.Assign, ast.AnnAssign), (_stored,)),
    **dict.fromkeys((ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred), (_into_container,)),
    **dict.fromkeys((*_COMPREHENSIONS, ast.DictComp), (_into_container,)),
    **dict.fromkeys((ast.withitem, ast.For, ast.AsyncFor, ast.comprehension), (_out_of_container,)),
    **dict.fromkeys((ast.Subscript, ast.Attribute), (_out_of_container,)),
    ast.keyword: (_across_calls, command_lines.reads),
    **dict.fromkeys((ast.Call, ast.arguments, ast.Lambda), (_across_calls,)),
    **dict.fromkeys((ast.Return, ast.Yield, ast.YieldFrom), (_across_calls,)),
}
