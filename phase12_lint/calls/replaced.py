"""What is replaced where somebody sets an attribute of something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from phase12_lint.calls.given import given_together
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import folding, spelling
from phase12_lint.values.atoms import ClassRef, Instance, ModuleRef, Text, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe, evidence
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import is_self
from phase12_lint.values.places import Evidence

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_ROLES = ("runner class", "runner", "plugin class", "plugin")


def set_by_name(
    program: Program, owner: ast.expr, name: ast.expr, scope: Scope
) -> Iterator[tuple[Evidence, str]]:
    """What setting the attribute ``name``, an expression, of ``owner`` would replace."""
    is_governed, is_name = partial(_is_governed, program), partial(_may_be_governed_name, program)
    if program.all_hold(
        lambda: is_governed(program.evaluate(owner, scope)), lambda: spelled(program, name, scope)
    ) and given_together(program, owner, name, scope, is_governed, is_name):
        for each in spelled(program, name, scope):
            yield from targets(program, owner, each, scope)


def targets(program: Program, owner: ast.expr, name: str, scope: Scope) -> Iterator[tuple[Evidence, str]]:
    """What setting attribute ``name`` of ``owner`` would replace."""
    if not program.project.may_be_governed(scope.module.path, owner):
        return
    if name in program.entries:
        for role in ("runner class", "runner"):
            found = evidence(program, owner, scope, role)
            if found is not None:
                yield found, f"{_class_name(program, owner, scope, role)}.{name}"
                return
    method = entry_method(program, program.evaluate(owner, scope), name)
    if method is not None:
        yield Evidence(describe(owner), Confidence.INFERRED, ()), method.qualified_name
        return
    if name in program.policy.plugin_methods and not _is_own(program, owner, scope):
        for role in ("plugin class", "plugin"):
            found = evidence(program, owner, scope, role)
            if found is not None:
                yield found, f"{found.what}.{name}"
                return
    for atom in program.evaluate(owner, scope):
        if isinstance(atom, ModuleRef) and atom.module is not None and is_entry(program, atom.module, name):
            yield Evidence(describe(owner), Confidence.CERTAIN, ()), f"{atom.name}.{name}"
            return


def _is_governed(program: Program, value: Value) -> bool:
    """Whether an attribute of ``value`` may be one that nobody may replace."""
    owners = [program.class_of(each.class_scope) for each in program.choke.functions if each.class_scope]
    return any(
        isinstance(atom, ModuleRef)
        or any(program.governed.is_role(atom, role) for role in _ROLES)
        or (
            isinstance(atom, (ClassRef, Instance))
            and any(program.is_subclass(atom.cls, cls) for cls in owners)
        )
        for atom in value
    )


def governed_names(program: Program) -> frozenset[str]:
    """The names of attributes that nobody may replace."""
    scopes = program.choke.functions | program.choke.classes
    return frozenset({*program.entries, *program.policy.plugin_methods, *(scope.name for scope in scopes)})


def _may_be_governed_name(program: Program, value: Value) -> bool:
    names = program.once(governed_names)
    return any(not isinstance(atom, Text) or atom.text in names for atom in value)


def entry_method(program: Program, owner: Value, name: str) -> Scope | None:
    """The method that is the choke point, if that is what ``name`` of ``owner`` is, or is an override of."""
    for method in sorted(program.choke.functions, key=lambda each: order(each, each.node)):
        if method.name == name and method.class_scope is not None:
            cls = program.class_of(method.class_scope)
            if any(isinstance(a, (ClassRef, Instance)) and program.is_subclass(a.cls, cls) for a in owner):
                return method
    return None


def _class_name(program: Program, owner: ast.expr, scope: Scope, role: str) -> str:
    for atom in program.evaluate(owner, scope):
        if program.governed.is_role(atom, role):
            cls = getattr(atom, "cls", None)
            if isinstance(cls, ClassInfo):
                return cls.name
            if isinstance(cls, str):
                return last_part(cls)
    return last_part(program.policy.choke_point[0])


def is_entry(program: Program, module: Module, name: str) -> bool:
    """Whether ``module.name`` is a choke point function or class, or the entry of a choke point module."""
    if module in program.choke.modules and name in program.entries:
        return True
    return any(
        scope.module is module and scope.name == name and scope.parent is module.scope
        for scope in program.choke.functions | program.choke.classes
    )


def _is_own(program: Program, owner: ast.expr, scope: Scope) -> bool:
    """Whether a method of a class sets an attribute of that class or of its instances, however they are spelled."""
    method = scope.method
    if method is None or method.class_scope is None:
        return False
    if is_self(owner, scope):
        return True
    cls = program.class_of(method.class_scope)
    governed = [
        atom
        for atom in program.evaluate(owner, scope)
        if any(program.governed.is_role(atom, role) for role in ("plugin class", "plugin"))
    ]
    return bool(governed) and all(getattr(atom, "cls", None) is cls for atom in governed)


def spelled(program: Program, name: ast.expr, scope: Scope) -> list[str]:
    """The texts that ``name`` may be, as far as it is spelled anywhere."""
    return folding.strings(spelling.spellings(program, name, scope))
