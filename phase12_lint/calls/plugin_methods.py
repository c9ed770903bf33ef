"""The functions that are a plugin's run: what the program has of ``plugin-methods`` in classes of plugins."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls.layers import layers_of
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program


def plugin_methods(program: Program) -> frozenset[Scope]:
    """Those of the plugin classes, of what they inherit from, and of the classes that are plugins by their members.

    A class is a plugin by its members if the policy names a ``Protocol`` and it has all that this one has; such
    plugins are often loaded by name, so that no analysis sees them become one.
    """
    protocols = list(_protocols(program))
    found = set()
    for method in program.policy.plugin_methods:
        for module in program.project.modules_with(method):
            for scope in module.functions.get(method, ()):
                owner = scope.class_scope
                if owner is not None and _is_plugin(program, program.class_of(owner), protocols, scope):
                    found.add(scope)
    return frozenset(found)


def _is_plugin(program: Program, cls: ClassInfo, protocols: list[ClassInfo], method: Scope) -> bool:
    if layers_of(program).of_class(cls) is not None:
        return False
    if any(program.governed.is_plugin_class(each) for each in (cls, *program.subclasses(cls))):
        return True
    return any(_has_all_of(program, cls, protocol, method) for protocol in protocols)


def _protocols(program: Program) -> Iterator[ClassInfo]:
    for name in sorted(set(map(last_part, program.policy.plugin_bases))):
        for module in program.project.modules_with(name):
            for scope in module.classes.get(name, ()):
                cls = program.class_of(scope)
                if program.governed.is_declared_plugin_class(cls) and program.governed.is_protocol(cls):
                    yield cls


def _has_all_of(program: Program, cls: ClassInfo, protocol: ClassInfo, method: Scope) -> bool:
    line = [each for each in cls.ancestors(program) if isinstance(each, ClassInfo)]
    for name in _members(protocol):
        if not any(each.members(name) or each.writes().get(name) for each in line):
            return False
    declared = protocol.method(method.name)
    return declared is not None and _demanded(method) <= _demanded(declared)


def _members(cls: ClassInfo) -> Iterator[str]:
    for statement in cls.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement.name


def _demanded(function: Scope) -> int:
    """How many arguments a call of ``function`` must give by position."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return 0
    return len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
