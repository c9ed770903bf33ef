"""The layers that never call the next one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.governance.calls import governed_calls
from phase12_lint.governance.layers import Layers, layers_of
from phase12_lint.governance.mention import is_called_after, is_open
from phase12_lint.model import Confidence
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.facts import Evidence, Fact
from phase12_lint.survey.governed import last_part
from phase12_lint.survey.parameters import decorators
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.values import ClassRef, External, Function, Instance, Sourced, Value

_FEWEST_LAYERS = 2


@dataclass(frozen=True, slots=True)
class DeadEnd(Fact):
    """The class of a layer without a call to the layer ``following``."""

    following: str


def dead_ends(program: Program) -> Iterator[Fact]:
    """Every such class in a program that names more than one layer; one with a base that is not seen may call there."""
    layers = layers_of(program)
    if sum(bool(program.project.files_with(name)) for name in layers.names[1:]) < _FEWEST_LAYERS:
        return
    for number, entry in enumerate(program.policy.layers, 1):
        for scope in _classes(program, entry):
            if not _calls_next(program, layers, program.class_of(scope), number):
                what = Evidence(scope.name, Confidence.CERTAIN, ())
                yield DeadEnd(scope.node, scope.parent or scope, what, False, layers.names[number + 1])


def _classes(program: Program, entry: str) -> Iterator[Scope]:
    last = last_part(entry)
    for module in program.project.modules_with(last):
        yield from (scope for scope in module.classes.get(last, ()) if scope.goes_by(entry))


def _calls_next(program: Program, layers: Layers, cls: ClassInfo, number: int) -> bool:
    line = [*cls.ancestors(program), *program.subclasses(cls)]
    if any(isinstance(each, str) and not program.governed.is_known_external(each) for each in line):
        return True
    if _is_abstract(program, cls) and not program.subclasses(cls):
        return True
    owners = [each.scope for each in line if isinstance(each, ClassInfo)]
    for call in governed_calls(program).values():
        if number + 1 in {callee.layer for callee in call.callees} and layers.of(call.scope) == number:
            is_helper = layers.written_in(call.scope) is None
            if is_helper or not set(owners).isdisjoint(call.scope.chain()):
                return True
    return any(_contains_call(program, layers, owner, number + 1) for owner in owners)


def _is_abstract(program: Program, cls: ClassInfo) -> bool:
    """Whether the class only says what others do, such as a ``Protocol``."""
    if program.governed.is_protocol(cls):
        return True
    return any("abstractmethod" in decorators(scope) for scope in cls.scope.children if scope.is_function)


def _contains_call(program: Program, layers: Layers, owner: Scope, wanted: int) -> bool:
    """Whether a method of a ``wanted`` layer's value is called in the class ``owner``."""
    for node in ast.walk(owner.node):
        if isinstance(node, ast.Call):
            scope = owner.module.scopes[node]
            value = program.evaluate(node.func, scope)
            if isinstance(node.func, ast.Attribute) and _is_of(
                program, layers, program.evaluate(node.func.value, scope), wanted
            ):
                return True
            if _is_method_of(program, layers, value, wanted):
                return True
            if isinstance(node.func, ast.Attribute) and _may_be(
                program, layers.names[wanted], node.func, scope
            ):
                return True
    return False


def _may_be(program: Program, layer: str, method: ast.Attribute, scope: Scope) -> bool:
    """Whether nothing is known of what ``method`` is taken from, and it is called after ``layer``."""
    return is_called_after(method.value, layer) and is_open(program.evaluate(method.value, scope))


def _is_of(program: Program, layers: Layers, value: Value, wanted: int) -> bool:
    for atom in value:
        if isinstance(atom, Sourced) and atom.role == "runner" and wanted == layers.last:
            return True
        if isinstance(atom, External) and layers.of_class(atom.name) == wanted:
            return True
        if isinstance(atom, (Instance, ClassRef)) and layers.of_class(atom.cls) == wanted:
            return True
        if isinstance(atom, Instance) and _stands_below(program, layers, atom.cls, wanted):
            return True
    return False


def _stands_below(program: Program, layers: Layers, cls: ClassInfo | str, wanted: int) -> bool:
    """Whether a class of the layer is below ``cls``, the abstract class by which it is known."""
    if isinstance(cls, str):
        return False
    return any(layers.of_class(below) == wanted for below in program.subclasses(cls))


def _is_method_of(program: Program, layers: Layers, value: Value, wanted: int) -> bool:
    for atom in value:
        if isinstance(atom, Function):
            receiver = getattr(atom.receiver, "cls", None)
            if isinstance(receiver, (ClassInfo, str)) and layers.of_class(receiver) == wanted:
                return True
            if wanted == layers.last and atom.scope in program.choke.functions:
                return True
    return False
