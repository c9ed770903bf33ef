"""How the receiver or callee of a call is known: the evidence of one hop."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from phase12_lint.model import Confidence
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.parameters import takes_receiver
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import (
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
from phase12_lint.survey.values import ClassRef, External, Function, Instance

_DEEPEST = 6
_CERTAIN = frozenset({"annotation", "constructor", "injected", "self", "definition", "import"})


def confidence_of(how: str) -> Confidence:
    """How sure a hop is that is known by ``how``."""
    if how == "name":
        return Confidence.NAMED
    return Confidence.CERTAIN if how in _CERTAIN else Confidence.INFERRED


def how_known(program: Program, node: ast.expr, scope: Scope, depth: int = 0) -> str:
    """``annotation``, ``constructor``, ``injected``, ``self``, ``definition``, ``import``, ``argument``, ``returned``
    or ``assignment``: what says of ``node`` what it is."""
    if depth > _DEEPEST:
        return "assignment"
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        return how_known(program, node.value, scope, depth + 1)
    if isinstance(node, ast.Call):
        return _of_call(program, node, scope)
    if isinstance(node, ast.Name):
        return _of_definitions(program, _definitions(node, scope), depth)
    if isinstance(node, ast.Attribute):
        return _of_attribute(program, node, scope, depth)
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


def _of_definitions(program: Program, definitions: Sequence[Definition], depth: int) -> str:
    for definition in definitions:
        if isinstance(definition, (Refined, Phi)):
            if (
                isinstance(definition, Refined)
                and definition.positive
                and definition.test.kind == "isinstance"
            ):
                return "annotation"
            return (
                _of_definitions(program, definition.previous, depth + 1) if depth < _DEEPEST else "assignment"
            )
        if isinstance(definition, Param):
            return _of_parameter(definition)
        if isinstance(definition, Imported):
            return "import"
        if isinstance(definition, Defined):
            return "definition"
        if isinstance(definition, Assigned):
            if definition.annotation is not None:
                return "annotation"
            if definition.value is not None and not definition.path:
                return how_known(program, definition.value, definition.scope, depth + 1)
    return "assignment"


def _of_parameter(param: Param) -> str:
    if param.index == 0 and param.kind == "positional" and takes_receiver(param.scope):
        return "self"
    default, annotation = param.default, param.node.annotation
    if any(_injects(each) for part in (default, annotation) if part is not None for each in ast.walk(part)):
        return "injected"
    return "annotation" if annotation is not None else "argument"


def _injects(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "Depends"


def _of_attribute(program: Program, node: ast.Attribute, scope: Scope, depth: int) -> str:
    for atom in program.evaluate(node.value, scope):
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            for ancestor in atom.cls.ancestors(program):
                if not isinstance(ancestor, ClassInfo):
                    continue
                if ancestor.annotation(node.attr) is not None:
                    return "annotation"
                for target, where in ancestor.writes().get(node.attr, ()):
                    source = program.source_of(where, target)
                    if source is not None and not source[1]:
                        return how_known(program, source[0], where, depth + 1)
    return "assignment"
