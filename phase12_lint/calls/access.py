"""Every place where a plugin's run is reached as an attribute, and what is done with it there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.model import Confidence
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ClassRef, External, Instance, Sourced, Super
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe, evidence
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.places import Evidence, Fact, Reflection, RunAccess

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_LOOKING = {
    "callable",
    "hasattr",
    "isinstance",
    "id",
    "repr",
    "str",
    "bool",
    "print",
    "issubclass",
    "hash",
    "dir",
}
_LOOKING_MODULES = ("inspect.",)
_LOOKING_FUNCTIONS = {"asyncio.iscoroutinefunction", "typing.get_type_hints", "functools.update_wrapper"}
_METADATA = {
    *("__doc__", "__name__", "__qualname__", "__module__", "__annotations__", "__signature__", "__code__"),
    *("__defaults__", "__kwdefaults__", "__class__", "__type_params__", "__dict__", "__self__"),
}


def run_accesses(program: Program, module: Module) -> Iterator[Fact]:
    """The facts of ``module`` about ``x.run``."""
    for method in program.policy.plugin_methods:
        for node in module.loads.get(method, ()):
            if isinstance(node, ast.Attribute):
                yield from access(program, node, module.scopes[node])


def access(program: Program, node: ast.Attribute, scope: Scope) -> Iterator[Fact]:
    """What ``node`` (``x.run``) is, if ``x`` is governed."""
    method = node.attr
    found = evidence(program, node.value, scope, "plugin")
    if found is not None:
        use = use_of(program, node, scope)
        if use == "called" and _delegates(program, node, scope):
            use = "delegated"
        yield RunAccess(node, scope, found, program.is_inside(scope), method, use, False)
        return
    if _is_plugin_below(program, node.value, scope):
        what = Evidence(describe(node.value), Confidence.INFERRED, ())
        yield RunAccess(
            node, scope, what, program.is_inside(scope), method, use_of(program, node, scope), False
        )
        return
    found = evidence(program, node.value, scope, "plugin class")
    if found is None:
        return
    use = use_of(program, node, scope)
    if _is_reflected(program, node.value, scope):
        if use != "looked":
            how = f"`{found.what}.{method}`"
            found = evidence(program, _subject(node.value), scope, "plugin") or found
            yield Reflection(node, scope, found, program.is_inside(scope), how, method)
        return
    yield RunAccess(node, scope, found, program.is_inside(scope), method, use, True)


def _is_plugin_below(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is ``self`` in a class, no plugin itself, that a plugin class inherits from."""
    method = scope.method
    if method is None or not isinstance(node, ast.Name) or method.class_scope is None:
        return False
    params = method.module.bound(method).params
    if not params or params[0].node.arg != node.id or not takes_receiver(method):
        return False
    value = program.evaluate(node, scope)
    classes = {atom.cls for atom in value if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo)}
    return any(program.governed.has_plugin_below(cls) for cls in classes)


def _delegates(program: Program, node: ast.Attribute, scope: Scope) -> bool:
    """``super().run()`` inside an override of ``run``."""
    value = program.evaluate(node.value, scope)
    method = scope.method
    return any(isinstance(atom, Super) for atom in value) and method is not None and method.name == node.attr


def _is_reflected(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether the class was reached through ``type(x)`` or ``x.__class__``."""
    for atom in program.evaluate(node, scope):
        if isinstance(atom, ClassRef) and atom.reflected and program.governed.is_role(atom, "plugin class"):
            return True
        if isinstance(atom, Sourced) and atom.role == "plugin class":
            return True
    return False


def _subject(node: ast.expr) -> ast.expr:
    """``x`` of ``type(x)`` and ``x.__class__``."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return node.args[0]
    return node.value if isinstance(node, ast.Attribute) and node.attr == "__class__" else node


def use_of(program: Program, node: ast.expr, scope: Scope) -> str:
    """What is done with ``node`` right there: ``called``, ``looked`` at, or ``taken``."""
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Call):
        if parent.func is node:
            return "called"
        return "looked" if only_looks(program, parent, scope) else "taken"
    if isinstance(parent, ast.Attribute):
        if parent.attr == "__call__":
            return use_of(program, parent, scope)
        return "looked" if parent.attr in _METADATA else "taken"
    if isinstance(parent, ast.Compare):
        return (
            "looked"
            if all(isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for op in parent.ops)
            else "taken"
        )
    if isinstance(parent, (ast.If, ast.While, ast.Assert, ast.FormattedValue)):
        return "looked"
    if isinstance(parent, ast.IfExp):
        return "looked" if parent.test is node else use_of(program, parent, scope)
    if isinstance(parent, ast.UnaryOp):
        return "looked"
    if isinstance(parent, ast.BoolOp):
        return use_of(program, parent, scope)
    if isinstance(parent, ast.NamedExpr):
        return "called" if use_of(program, parent, scope) == "called" else "taken"
    return "taken"


def only_looks(program: Program, call: ast.Call, scope: Scope) -> bool:
    """Whether ``call`` only looks at what it is given: ``callable``, ``print``, ``inspect``."""
    for atom in program.evaluate(call.func, scope):
        if isinstance(atom, External):
            module, _, name = atom.name.rpartition(".")
            if (module == "builtins" and name in _LOOKING) or atom.name in _LOOKING_FUNCTIONS:
                return True
            if atom.name.startswith(_LOOKING_MODULES) and not name.startswith("getattr_static"):
                return True
    return False
