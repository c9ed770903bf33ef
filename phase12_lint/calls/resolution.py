"""How the receiver or callee of a call is known: the evidence of one hop."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from phase12_lint.model import Confidence
from phase12_lint.syntax.scopes import (
    Assigned,
    Defined,
    Definition,
    Imported,
    Param,
    Phi,
    Refined,
    Scope,
    last_name,
)
from phase12_lint.syntax.stores import source_of
from phase12_lint.values.atoms import ClassRef, External, Function, Instance, ModuleRef
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.injection import injecting
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.program import Program

_NARROWING = ("isinstance", "pattern")
_CERTAIN = frozenset({"annotation", "constructor", "injected", "self", "definition", "import"})


class Known(NamedTuple):
    """What says what an expression is: ``annotation``, ``constructor``, ``injected``, ``self``, ``definition``,
    ``import``, ``argument``, ``returned``, ``assignment`` or ``name``; and whether it says so of it directly."""

    how: str
    directly: bool = True

    @property
    def confidence(self) -> Confidence:
        """How sure that is."""
        if self.how == "name":
            return Confidence.NAMED
        return Confidence.CERTAIN if self.directly and self.how in _CERTAIN else Confidence.INFERRED


def how_known(program: Program, node: ast.expr, scope: Scope) -> Known:
    """What says of ``node``, the callee or the receiver of a call, what it is."""
    way = _Way([], set())
    how = _trace(program, node, scope, way)
    return Known(how, not way.steps)


class _Way(NamedTuple):
    """The ``steps`` by which an expression was come to, and what was ``met`` on the way: in a circle it ends."""

    steps: list[str]
    met: set[object]

    def meets(self, thing: object) -> bool:
        """Whether ``thing`` was met before."""
        if thing in self.met:
            return True
        self.met.add(thing)
        return False


def _trace(program: Program, node: ast.expr, scope: Scope, way: _Way) -> str:
    if way.meets(node):
        return "assignment"
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        return _trace(program, node.value, scope, way)
    if isinstance(node, ast.Call):
        return _of_call(program, node, scope)
    if isinstance(node, ast.Name):
        return _of_definitions(program, _definitions(node, scope), way)
    if isinstance(node, ast.Attribute):
        return _of_attribute(program, node, scope, way)
    return "assignment"


def _of_call(program: Program, call: ast.Call, scope: Scope) -> str:
    callee = program.evaluate(call.func, scope)
    if last_name(call.func) == "super":
        return "self"
    if any(isinstance(atom, ClassRef) for atom in callee) or any(
        isinstance(atom, External) and program.governed.is_runner_name(atom.name) for atom in callee
    ):
        return "constructor"
    for atom in callee:
        if isinstance(atom, Function) and getattr(atom.scope.node, "returns", None) is not None:
            return "annotation"
    return "returned"


def _definitions(node: ast.Name, scope: Scope) -> Sequence[Definition]:
    scope.module.bound(scope)
    found = scope.module.definitions.get(node)
    if found is not None:
        return found
    for outer in scope.chain():
        outer.module.bound(outer)
        if node.id in outer.bindings and (outer is scope or outer.kind != "class"):
            return outer.bindings[node.id]
    return ()


def _of_definitions(program: Program, definitions: Sequence[Definition], way: _Way) -> str:
    for definition in definitions:
        if isinstance(definition, (Refined, Phi)):
            return _of_narrowed(program, definition, way)
        if isinstance(definition, Param):
            return _of_parameter(program, definition)
        if isinstance(definition, Imported):
            return "import"
        if isinstance(definition, Defined):
            return "definition"
        if isinstance(definition, Assigned):
            if definition.annotation is not None:
                return "annotation"
            if definition.value is not None and not definition.path:
                if not isinstance(definition.value, ast.Call):
                    way.steps.append("stored")
                return _trace(program, definition.value, definition.scope, way)
    return "assignment"


def _of_narrowed(program: Program, definition: Refined | Phi, way: _Way) -> str:
    if isinstance(definition, Refined) and definition.positive and definition.test.kind in _NARROWING:
        return "annotation"
    if way.meets(definition):
        return "assignment"
    return _of_definitions(program, definition.previous, way)


def _of_parameter(program: Program, param: Param) -> str:
    if param.index == 0 and param.kind == "positional" and takes_receiver(param.scope):
        return "self"
    if any(injecting(program, param)):
        return "injected"
    return "annotation" if param.node.annotation is not None else "argument"


def _of_attribute(program: Program, node: ast.Attribute, scope: Scope, way: _Way) -> str:
    for atom in program.evaluate(node.value, scope):
        if isinstance(atom, ModuleRef):
            return "import"
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            for ancestor in atom.cls.ancestors(program):
                if not isinstance(ancestor, ClassInfo):
                    continue
                if ancestor.annotation(node.attr) is not None:
                    return "annotation"
                for target, where in ancestor.writes().get(node.attr, ()):
                    source = source_of(where, target)
                    if source is not None and not source[1]:
                        way.steps.append("stored")
                        return _trace(program, source[0], where, way)
    return "assignment"
