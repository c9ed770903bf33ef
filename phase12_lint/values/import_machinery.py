"""Modules and names that are handed to Python's import machinery as text: ``import_module``, ``sys.modules``,
``globals()``.

A module is found by a text as an import of that text would find it; what is known of no text is left open.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import folding
from phase12_lint.values.atoms import (
    ANYTHING,
    NOTHING,
    Atom,
    External,
    Function,
    Instance,
    Method,
    ModuleRef,
    Site,
    Value,
)
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

MODULES = "sys.modules"
_NAMESPACE = "__dict__"
_LOCALS = "locals()"
_SPEC = "importlib.machinery.ModuleSpec"


def import_module(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``import_module(name, package)``."""
    packages = _texts(program, shape, 1, "package")
    found: list[Value] = []
    for name in _texts(program, shape, 0, "name"):
        below = name.lstrip(".")
        up = len(name) - len(below)
        bases = [package.rsplit(".", up - 1)[0] for package in packages] if up else [""]
        found += [program.module_named(f"{base}.{below}".strip("."), scope.module) for base in bases]
    return program.join(found) or ANYTHING


def dunder_import(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``__import__(name, globals, locals, fromlist, level)``: without a list of names, the topmost package."""
    level = _given(shape, 4, "level")
    listed = _given(shape, 3, "fromlist")
    up = getattr(level.node, "value", 0) if level is not None else 0
    has_names = listed is not None and bool(getattr(listed.node, "elts", ()))
    found = [
        program.module_named(name if has_names or up else name.partition(".")[0], scope.module, up)
        for name in _texts(program, shape, 0, "name")
        if isinstance(up, int)
    ]
    return program.join(found) or ANYTHING


def resolve_name(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``pkgutil.resolve_name("a.b:C.d")``, ``pydoc.locate("a.b.C")`` and their like."""
    texts = _texts(program, shape, 0, "name")
    return program.join(_resolved(program, text, scope.module) for text in texts) or ANYTHING


def _resolved(program: Program, text: str, importer: Module) -> Value:
    """The longest beginning of ``text`` that is a module of the program, and the attributes behind it."""
    module, colon, behind = text.partition(":")
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        value = program.module_named(".".join(parts[:end]), importer)
        if colon or any(isinstance(atom, ModuleRef) for atom in value):
            for name in (*parts[end:], *filter(None, behind.split("."))):
                value = program.attribute(value, name)
            return value
    return ANYTHING


def find_spec(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``importlib.util.find_spec(name, package)``."""
    return frozenset({Instance(_SPEC, Site.of(node, scope, frame))})


def module_from_spec(
    program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    """``importlib.util.module_from_spec(spec)``: the module that the spec was found for."""
    spec = _given(shape, 0, "spec")
    found: list[Value] = []
    for atom in program.argument(spec) if spec is not None else NOTHING:
        site = atom.site if isinstance(atom, Instance) and atom.cls == _SPEC else None
        if site is not None and isinstance(site.node, ast.Call):
            asked = shape_of(site.node, site.scope, site.frame)
            found.append(import_module(program, site.node, site.scope, site.frame, asked))
    return program.join(found) or ANYTHING


def own_namespace(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``globals()``; ``vars()`` and ``locals()`` are that in a module, else the names of the function or class body."""
    if scope.kind != "module" and External("builtins.globals") not in program.evaluate(node.func, scope):
        return frozenset({Method(Function(scope), _LOCALS)})
    return frozenset(
        {Method(ModuleRef(scope.module.whole_name("").strip("."), scope.module, scope.module), _NAMESPACE)}
    )


def loaded(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``sys.modules.get(name)``."""
    texts = _texts(program, shape, 0, "key")
    return program.join(program.module_named(text, scope.module) for text in texts) or ANYTHING


def looked_up(program: Program, namespace: Atom, name: str, scope: Scope) -> Value | None:
    """``namespace[name]`` if it maps names to what they are (``sys.modules``, ``globals()``); else None."""
    if isinstance(namespace, External) and namespace.name == MODULES:
        return program.module_named(name, scope.module)
    if isinstance(namespace, Method) and namespace.name == _NAMESPACE:
        return program.attribute(frozenset({namespace.owner}), name)
    if isinstance(namespace, Method) and namespace.name == _LOCALS and isinstance(namespace.owner, Function):
        return program.evaluate_raw(ast.Name(name, ast.Load()), namespace.owner.scope, None)
    return None


def _given(shape: Shape, position: int, keyword: str) -> Argument | None:
    found = dict(shape.keywords).get(keyword)
    return found or (shape.positional[position] if position < len(shape.positional) else None)


def _texts(program: Program, shape: Shape, position: int, keyword: str) -> list[str]:
    argument = _given(shape, position, keyword)
    return folding.strings(program.argument(argument)) if argument is not None else []
