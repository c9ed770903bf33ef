"""Classes that become plugin classes because their instances arrive where a plugin is declared."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.values import containers, declared_types, keys, parameters
from phase12_lint.values.atoms import ClassRef, Container, Function, Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import shape_of
from phase12_lint.values.loads import Place
from phase12_lint.values.mutations import MUTATORS

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


_SPREADING = ("extend", "extendleft", "update")  # put in what is in the container that they are given


def compute_adopted(program: Program, cls: ClassInfo) -> frozenset[bool]:
    """True in it if an instance of ``cls``, or the class itself, arrives in a place annotated as a plugin."""
    if not any(_defines(program, cls, name) for name in program.policy.plugin_methods):
        return frozenset()
    for place in program.references(cls.scope):
        if _expects(program, cls, place, class_object=True):
            return frozenset({True})
        if place.call is not None:
            made = Place(place.call, place.scope, frame=place.frame)
            for instance in program.ask(("followed", made)):
                if _expects(program, cls, instance, class_object=False):
                    return frozenset({True})
    return frozenset()


def _defines(program: Program, cls: ClassInfo, name: str) -> bool:
    line = cls.ancestors(program)
    return any(isinstance(ancestor, ClassInfo) and ancestor.members(name) for ancestor in line)


def _expects(program: Program, cls: ClassInfo, place: Place, class_object: bool) -> bool:
    """Whether a plugin is declared at ``place``, and nothing beside it that ``cls`` is, too, as in ``Plugin | Job``."""
    kind = ClassRef if class_object else Instance
    for declared in _declarations(program, place):
        for step in reversed(place.wrapped):
            which = ("key", step) if isinstance(step, str) else keys.VALUES if step is None else step
            declared = program.join(
                containers.elements(program, atom, which) for atom in declared if isinstance(atom, Container)
            )
        known = [atom.cls for atom in declared if isinstance(atom, kind)]
        plugins = [each for each in known if program.governed.is_declared_plugin_class(each)]
        if plugins and not any(_is_one(program, cls, each) for each in known if each not in plugins):
            return _is_left(program, cls, place, kind)
    return False


def _is_left(program: Program, cls: ClassInfo, place: Place, kind: type[Instance | ClassRef]) -> bool:
    """Whether ``cls`` may be at ``place`` by the tests before it, such as ``isinstance(value, Plugin)``."""
    value = program.evaluate(place.node, place.scope, place.frame)
    known = [atom.cls for atom in value if isinstance(atom, kind)]
    return len(known) < len(value) or not known or any(program.related(each, cls) for each in known)


def _is_one(program: Program, cls: ClassInfo, declared: ClassInfo | str) -> bool:
    """Whether instances of ``cls`` are what is ``declared``: of that class, or with the methods of that protocol."""
    if isinstance(declared, str) or not program.governed.is_protocol(declared):
        return program.is_subclass(cls, declared)
    asked = (scope.name for scope in declared.scope.children if scope.is_function)
    return all(program.method(Instance(cls), name) is not None for name in asked)


def _declarations(program: Program, place: Place) -> Iterator[Value]:
    """What is declared of the places that the value at ``place`` goes to in the next step."""
    node, scope = place.node, place.scope
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.keyword):
        parent = scope.module.parents[parent]
    if isinstance(parent, ast.AnnAssign) and parent.value is node:
        yield declared_types.instance(program, parent.annotation, scope, None)
    elif isinstance(parent, ast.Assign):
        for target in parent.targets:
            yield from _of_target(program, target, place)
    elif isinstance(parent, ast.AugAssign) and parent.value is node:
        yield _declared(program, parent.target, place)
    elif isinstance(parent, (ast.Return, ast.Lambda)):
        declared = declared_types.returned(program, scope)
        if declared is not None and not scope.yields:
            yield declared_types.instance(program, declared[0], declared[1], None)
    elif isinstance(parent, ast.Call) and parent.func is not node:
        yield from _of_call(program, parent, place)


def _of_target(program: Program, target: ast.expr, place: Place) -> Iterator[Value]:
    if isinstance(target, ast.Subscript):
        if isinstance(target.slice, ast.Slice):
            yield _declared(program, target.value, place)
        else:
            yield program.join(
                _declared_elements(program, atom) for atom in _declared(program, target.value, place)
            )
    elif isinstance(target, ast.Attribute):
        for atom in program.evaluate(target.value, place.scope):
            if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
                yield from _of_field(program, atom.cls, target.attr)
    elif isinstance(target, ast.Name):
        for definition in place.scope.module.bound(place.scope).bindings.get(target.id, ()):
            annotation = getattr(definition, "annotation", None)
            if isinstance(annotation, ast.expr):
                yield declared_types.instance(program, annotation, place.scope, None)


def _declared(program: Program, owner: ast.expr, place: Place) -> frozenset[Container]:
    """The containers that ``owner`` is declared to be."""
    value = program.evaluate(owner, place.scope)
    return frozenset(atom for atom in value if isinstance(atom, Container) and atom.made is None)


def _declared_elements(program: Program, container: Container) -> Value:
    return containers.elements(program, container, keys.VALUES)


def _of_field(program: Program, cls: ClassInfo, name: str) -> Iterator[Value]:
    for ancestor in cls.ancestors(program):
        if isinstance(ancestor, ClassInfo):
            annotation = ancestor.annotation(name)
            if annotation is not None:
                yield declared_types.instance(program, annotation[0], annotation[1], None)
                return


def _of_call(program: Program, call: ast.Call, place: Place) -> Iterator[Value]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in MUTATORS:
        declared = _declared(program, call.func.value, place)
        if call.func.attr in _SPREADING and place.wrapped:
            yield declared
        elif call.func.attr != "setdefault" or call.args[0] is not place.node:
            yield program.join(_declared_elements(program, atom) for atom in declared)
    for atom in program.evaluate(call.func, place.scope, place.frame):
        function = atom if isinstance(atom, Function) else None
        if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
            for name in atom.cls.fields(program) or ():
                if atom.cls.takes(program, name, call, place.node):
                    yield from _of_field(program, atom.cls, name)
            function = program.method(program.constructed(atom, call, place.scope, place.frame), "__init__")
        if function is not None:
            yield from _of_parameters(program, function, call, place)


def _of_parameters(program: Program, function: Function, call: ast.Call, place: Place) -> Iterator[Value]:
    frame = program.call_frame(function, call, shape_of(call, place.scope, place.frame), None)
    if frame is None:
        return
    for param in function.scope.params:
        given = frame.bound.get(param.node.arg, ())
        if param.kind == "star":
            given = frame.extra
        elif param.kind == "starstar":
            given = tuple(argument for _, argument in frame.extra_keywords)
        if any(argument.node is place.node for argument in given):
            declared = parameters.declared_for(program, param, frame)
            if declared is not None:
                yield declared
