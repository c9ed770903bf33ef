"""Where a value goes: the forward direction, from the place that makes it to every place that has it.

A place is an expression that may have the value, or a container that holds it: ``wrapped`` are the positions or
keys by which it is reached from there, None where any may be it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phase12_lint.survey import handing
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.frames import Argument, Frame, parameter, shape_of
from phase12_lint.survey.modules import Module
from phase12_lint.survey.scopes import Definition, Param, Phi, Raw, Refined, Scope
from phase12_lint.survey.values import ClassRef, Function, Instance, ModuleRef, Partial, Value

if TYPE_CHECKING:
    from phase12_lint.survey.program import Program

_MOST_PLACES = 600
_DEEPEST = 2
_UNWRAPPING = {"get", "pop", "setdefault", "popleft", "get_nowait", "popitem", "__getitem__", "__next__"}
_KEEPING = {"values", "copy", "__iter__"}
_PUTTING = {
    "append",
    "add",
    "appendleft",
    "put",
    "put_nowait",
    "push",
    "insert",
    "setdefault",
    "extend",
    "update",
}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


Wrapping = tuple["int | str | None", ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An expression that has the value, seen under the call ``frame``."""

    node: ast.expr
    scope: Scope
    wrapped: Wrapping = ()
    frame: Frame | None = None


def compute_places(program: Program, node: ast.AST, scope: Scope) -> frozenset[Place]:
    """Every place that the value made at the expression ``node`` comes to, ``node`` itself included."""
    start: list[Place] = []
    if isinstance(node, ast.expr):
        start.append(Place(node, scope))
        call = scope.module.parents.get(node)
        if isinstance(call, ast.Call) and _makes_defaults(call):
            start = [Place(call, scope, (None,))]
    return _closure(program, start)


def _makes_defaults(call: ast.Call) -> bool:
    return getattr(call.func, "id", getattr(call.func, "attr", "")) == "defaultdict"


def compute_references(program: Program, scope: Scope) -> frozenset[Place]:
    """Every place that the function or class defined by ``scope`` comes to."""
    node = scope.node
    if isinstance(node, ast.Lambda):
        outer = scope.parent
        assert outer is not None
        return frozenset(program.ask(("places", node, outer)))
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    return _closure(program, [*_mentions(program, scope), *_decorated(program, scope)])


def _mentions(program: Program, scope: Scope) -> Iterator[Place]:
    outer = scope.parent
    assert outer is not None
    if outer.kind == "class":
        yield from attribute_loads(program, program.class_of(outer), scope.name)
    yield from name_loads(program, outer, scope.name, scope.node)


def _decorated(program: Program, scope: Scope) -> Iterator[Place]:
    """A decorator of the program is handed the function as its first argument."""
    outer = scope.parent
    assert outer is not None
    for decorator in getattr(scope.node, "decorator_list", ()):
        for atom in program.evaluate(decorator, outer):
            if isinstance(atom, Function) and not isinstance(scope.node, ast.ClassDef):
                frame = program.decoration(atom, decorator, scope)
                params = atom.scope.module.bound(atom.scope).params
                if params and frame is not None:
                    yield from name_loads(program, atom.scope, params[0].node.arg, params[0].node, frame)


def _closure(program: Program, start: Iterable[Place]) -> frozenset[Place]:
    found = dict.fromkeys(start)
    queue = list(found)
    while queue:
        place = queue.pop()
        for following in successors(program, place):
            if following not in found and len(following.wrapped) <= _DEEPEST:
                found[following] = None
                queue.append(following)
        if len(found) > _MOST_PLACES:
            program.note(f"a value comes to more than {_MOST_PLACES} places")
            break
    return frozenset(found)


def successors(program: Program, place: Place) -> Iterator[Place]:
    """The places that the value comes to next."""
    node, scope, wrapped, frame = place.node, place.scope, place.wrapped, place.frame
    parent = scope.module.parents.get(node)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is node:
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        for target in targets:
            yield from into_target(program, target, scope, wrapped, frame)
    elif isinstance(parent, ast.NamedExpr):
        yield Place(parent, scope, wrapped, frame)
        yield from into_target(program, parent.target, scope, wrapped, frame)
    elif isinstance(parent, (ast.IfExp, ast.BoolOp, ast.Await)):
        if not (isinstance(parent, ast.IfExp) and parent.test is node):
            yield Place(parent, scope, wrapped, frame)
    elif isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
        position = next(i for i, item in enumerate(parent.elts) if item is node)
        starred = any(isinstance(item, ast.Starred) for item in parent.elts[:position])
        yield Place(parent, scope, (*wrapped, None if starred else position), frame)
    elif isinstance(parent, ast.Starred):
        yield Place(parent, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.Dict) and any(value is node for value in parent.values):
        key = next(key for key, value in zip(parent.keys, parent.values) if value is node)
        if key is not None:
            yield Place(parent, scope, (*wrapped, constant(key)), frame)
        else:
            yield Place(parent, scope, wrapped, frame)
    elif isinstance(parent, _COMPREHENSIONS) and parent.elt is node:
        yield Place(parent, scope, (*wrapped, None), frame)
    elif isinstance(parent, ast.DictComp) and parent.value is node:
        yield Place(parent, scope, (*wrapped, None), frame)
    elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)) and parent.iter is node and wrapped:
        yield from into_target(program, parent.target, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.withitem) and parent.optional_vars is not None:
        yield from into_target(program, parent.optional_vars, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        if wrapped and isinstance(parent.slice, ast.Slice):
            yield Place(parent, scope, (*wrapped[:-1], None), frame)
        elif wrapped and fits(wrapped[-1], constant(parent.slice)):
            yield Place(parent, scope, wrapped[:-1], frame)
    elif isinstance(parent, ast.Attribute) and parent.value is node and wrapped:
        yield from _method_of_container(parent, place)
    elif isinstance(parent, (ast.Return, ast.Lambda)):
        yield from _returned(program, scope, wrapped, frame)
    elif isinstance(parent, (ast.Yield, ast.YieldFrom)):
        yield from _returned(
            program, scope, (*wrapped, None) if isinstance(parent, ast.Yield) else wrapped, frame
        )
    elif isinstance(parent, ast.arguments):
        yield from _default(program, parent, node, scope, wrapped)
    elif isinstance(parent, ast.keyword):
        call = scope.module.parents[parent]
        if isinstance(call, ast.Call):
            yield from _into_call(program, call, place)
    elif isinstance(parent, ast.Call) and parent.func is not node:
        yield from _into_call(program, parent, place)


def constant(node: ast.expr) -> int | str | None:
    """The position or key that ``node`` writes out, else None."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, str)) else None


def fits(known: int | str | None, wanted: int | str | None) -> bool:
    """Whether two positions or keys may be the same."""
    return known is None or wanted is None or known == wanted


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
    elif isinstance(target, (ast.Tuple, ast.List)):
        starred = any(isinstance(item, ast.Starred) for item in target.elts)
        for position, item in enumerate(target.elts):
            if not wrapped or starred or fits(wrapped[-1], position):
                yield from into_target(program, item, scope, wrapped[:-1], frame)
    elif isinstance(target, ast.Starred):
        yield from into_target(program, target.value, scope, (*wrapped, None), frame)
    elif isinstance(target, ast.Attribute):
        yield from _loads_with(_same_attribute(program, target, scope), wrapped)
    elif isinstance(target, ast.Subscript):
        yield from _stored_in(program, target.value, scope, (*wrapped, constant(target.slice)))


def _loads_with(places: Iterable[Place], wrapped: Wrapping) -> Iterator[Place]:
    for place in places:
        yield Place(place.node, place.scope, wrapped, place.frame)


def _same_attribute(program: Program, node: ast.Attribute, scope: Scope) -> Iterator[Place]:
    for atom in program.evaluate(node.value, scope):
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            yield from attribute_loads(program, atom.cls, node.attr)
        elif isinstance(atom, ModuleRef) and atom.module is not None:
            yield from name_loads(program, atom.module.scope, node.attr, None)


def _stored_in(program: Program, container: ast.expr, scope: Scope, wrapped: Wrapping) -> Iterator[Place]:
    """The places where the variable or attribute that holds ``container`` is read."""
    if isinstance(container, ast.Attribute):
        yield from _loads_with(_same_attribute(program, container, scope), wrapped)
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


def bases(definitions: Iterable[Definition]) -> Iterator[Definition]:
    """The definitions behind narrowings and loop heads."""
    seen: set[Definition] = set()
    stack = list(definitions)
    while stack:
        definition = stack.pop()
        if definition in seen:
            continue
        seen.add(definition)
        if isinstance(definition, (Refined, Phi)):
            stack += definition.previous
        else:
            yield definition


def name_loads(
    program: Program, scope: Scope, name: str, node: ast.AST | None, frame: Frame | None = None
) -> Iterator[Place]:
    """Where the variable ``name`` of ``scope`` is read with what was bound at ``node`` (None: with anything)."""
    module = scope.module
    module.bound(scope)
    if name in scope.declared_global:
        scope = module.scope
    for load in module.loads.get(name, ()):
        if isinstance(load, ast.Name):
            where = module.scopes[load]
            if where is scope or _sees(where, scope, name):
                if _reads(module, load, where, scope, node):
                    yield from _in_frames(program, load, where, scope, frame)
    if scope.kind == "module":
        yield from _from_other_modules(program, module, name)


def _in_frames(
    program: Program, load: ast.Name, where: Scope, scope: Scope, frame: Frame | None
) -> Iterator[Place]:
    if where is scope or frame is None:
        yield Place(load, where, (), frame if where is scope else None)
        return
    frames = [f for f in program.ask(("frames", where)) if f.closure is frame] if where.is_function else []
    for inner in sorted(frames, key=program.frame_order):
        yield Place(load, where, (), inner)
    if not frames:
        yield Place(load, where)


def _sees(inner: Scope, scope: Scope, name: str) -> bool:
    """Whether ``name`` in the nested scope ``inner`` is the variable of ``scope``."""
    for current in inner.chain():
        if current is scope:
            return current.kind != "class"
        current.module.bound(current)
        bound = name in current.bindings and name not in current.declared_nonlocal | current.declared_global
        if bound and (current is inner or current.kind != "class"):
            return False
    return False


def _reads(module: Module, load: ast.Name, where: Scope, scope: Scope, node: ast.AST | None) -> bool:
    module.bound(where)
    definitions = module.definitions.get(load)
    if definitions is None or node is None:
        return True
    return any(isinstance(d, Raw) or d.node is node for d in bases(definitions))


def _from_other_modules(program: Program, module: Module, name: str) -> Iterator[Place]:
    for other in program.project.modules_importing(name, module):
        for statement, scope in other.imports:
            if isinstance(statement, ast.ImportFrom):
                yield from _imported_as(program, module, name, other, statement, scope)
        for load in other.loads.get(name, ()):
            if isinstance(load, ast.Attribute):
                where = other.scopes[load]
                owner = program.evaluate(load.value, where)
                if any(isinstance(atom, ModuleRef) and atom.module is module for atom in owner):
                    yield Place(load, where)


def _imported_as(
    program: Program, module: Module, name: str, other: Module, statement: ast.ImportFrom, scope: Scope
) -> Iterator[Place]:
    for alias in statement.names:
        if alias.name not in (name, "*"):
            continue
        source = program.import_source(other, statement)
        if not isinstance(source, ModuleRef) or source.module is not module:
            continue
        if alias.name == "*":
            if other is not module:
                yield from name_loads(program, other.scope, name, None)
        else:
            yield from name_loads(program, scope, alias.asname or name, alias)


def attribute_loads(program: Program, cls: ClassInfo, name: str) -> Iterator[Place]:
    """Where attribute ``name`` of ``cls``, its instances or its relatives is read."""
    for module in program.project.modules_reading(name):
        for load in module.loads.get(name, ()):
            if isinstance(load, ast.Attribute):
                scope = module.scopes[load]
                if program.may_be_instance(program.evaluate(load.value, scope), cls, name):
                    yield Place(load, scope)


def _returned(program: Program, scope: Scope, wrapped: Wrapping, frame: Frame | None) -> Iterator[Place]:
    if not scope.is_function:
        return
    call = scope.module.parents.get(scope.node)
    if isinstance(call, ast.Call) and _makes_defaults(call) and scope.parent is not None:
        yield Place(call, scope.parent, (*wrapped, None))
    for call in sorted(program.ask(("frames", scope)), key=program.frame_order):
        if isinstance(call.site, ast.expr) and (frame is None or frame is call):
            where = program.site_scope(call)
            if where is not None:
                yield Place(call.site, where, wrapped)


def _default(
    program: Program, arguments: ast.arguments, node: ast.expr, scope: Scope, wrapped: int
) -> Iterator[Place]:
    owner = scope.module.parents[arguments]
    inner = scope.module.scope_of_node.get(owner)
    if inner is not None:
        scope.module.bound(inner)
        for param in inner.params:
            if param.default is node:
                yield from _loads_with(name_loads(program, inner, param.node.arg, param.node), wrapped)


def _into_call(program: Program, call: ast.Call, place: Place) -> Iterator[Place]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _PUTTING:
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
        frame = program.call_frame(atom, call, shape_of(call, place.scope, place.frame), place.frame)
        yield from _into_frame(program, frame, place)
        return
    if isinstance(atom.cls, str):
        return
    instance = program.constructed(atom, call, place.scope, place.frame)
    init = program.method(instance, "__init__")
    if init is not None:
        frame = program.call_frame(init, call, shape_of(call, place.scope, place.frame), place.frame)
        yield from _into_frame(program, frame, place)
        return
    for name in atom.cls.fields(program) or ():
        if program.field_argument_is(atom.cls, name, call, place.node):
            yield from _loads_with(attribute_loads(program, atom.cls, name), place.wrapped)


def _into_frame(program: Program, frame: Frame | None, place: Place) -> Iterator[Place]:
    if frame is None:
        return
    for name, arguments in frame.bound.items():
        if any(argument.node is place.node for argument in arguments):
            param = parameter(frame.scope, name)
            if param is not None:
                yield from _parameter_loads(program, param, place.wrapped, frame)
    for param in frame.scope.params:
        if param.kind == "star" and any(a.node is place.node for a in frame.extra):
            yield from _parameter_loads(program, param, (*place.wrapped, None), frame)
        elif param.kind == "starstar" and any(a.node is place.node for _, a in frame.extra_keywords):
            yield from _parameter_loads(program, param, (*place.wrapped, None), frame)


def _parameter_loads(program: Program, param: Param, wrapped: Wrapping, frame: Frame) -> Iterator[Place]:
    yield from _loads_with(name_loads(program, param.scope, param.node.arg, param.node, frame), wrapped)


__all__ = [
    "Argument",
    "Partial",
    "Place",
    "Value",
    "attribute_loads",
    "bases",
    "compute_places",
    "name_loads",
]
