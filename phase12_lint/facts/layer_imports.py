"""The imports of layers' classes by modules that hold other layers, where they are for more than wiring."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.layers import API, Layers, layers_of
from phase12_lint.calls.routes import is_decorated_route
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Imported, Scope, last_name
from phase12_lint.values.atoms import ClassRef, External, Function, ModuleRef, Value
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program

_LOOKING = {"isinstance", "issubclass", "cast"}


@dataclass(frozen=True, slots=True)
class LayerImport(Fact):
    """An import of the class of layer ``target`` by a module that holds ``source``."""

    source: int
    target: int


def layer_imports(program: Program) -> Iterator[Fact]:
    """Every import of a class that is of none of the layers that its module holds, and of none next to these."""
    layers = layers_of(program)
    words = {last_part(entry) for entry in (*program.policy.layers, *program.policy.choke_point)}
    modules = {module.path: module for word in words for module in program.project.modules_with(word)}
    for _, module in sorted(modules.items()):
        held = _held(program, layers, module) if module.imports else set()
        if held:
            allowed = held | {number + 1 for number in held}
            yield from _imports(program, layers, module, min(held), allowed)


def _held(program: Program, layers: Layers, module: Module) -> set[int]:
    found = {
        number
        for number, entry in enumerate(program.policy.layers, 1)
        for scope in module.classes.get(last_part(entry), ())
        if scope.goes_by(entry)
    }
    choke = program.choke
    if module in choke.modules or any(scope.module is module for scope in choke.classes | choke.functions):
        found.add(layers.last)
    if any(is_decorated_route(program, scope) for scopes in module.functions.values() for scope in scopes):
        found.add(API)
    return found


def _imports(
    program: Program, layers: Layers, module: Module, source: int, allowed: set[int]
) -> Iterator[Fact]:
    for statement, scope in module.imports:
        if _is_for_typing(module, statement):
            continue
        for alias in statement.names:
            number = _used_layer(program, layers, statement, alias, scope, allowed)
            if number is not None:
                what = Evidence(alias.name, Confidence.CERTAIN, ())
                yield LayerImport(statement, scope, what, False, source, number)
                break


def _is_for_typing(module: Module, statement: ast.stmt) -> bool:
    child: ast.AST = statement
    parent = module.parents.get(child)
    while parent is not None:
        test = parent.test if isinstance(parent, ast.If) and child in parent.body else None
        if test is not None and last_name(test) == "TYPE_CHECKING":
            return True
        child, parent = parent, module.parents.get(parent)
    return False


def _used_layer(
    program: Program,
    layers: Layers,
    statement: ast.Import | ast.ImportFrom,
    alias: ast.alias,
    scope: Scope,
    allowed: set[int],
) -> int | None:
    """The layer that is not allowed and whose class the import brings in for more than wiring."""
    name = alias.asname or (alias.name.partition(".")[0] if isinstance(statement, ast.Import) else alias.name)
    module = scope.module
    uses = [load for load in module.loads.get(name, ()) if isinstance(load, ast.Name)]
    value = _bound_value(program, alias, name, scope)
    number = _layer_of(program, layers, value)
    if number is not None:
        if number in allowed or (uses and all(_is_wiring(program, use, module) for use in uses)):
            return None
        return number if uses or not _is_exported(module, name) else None
    if any(isinstance(atom, ModuleRef) for atom in value) or isinstance(statement, ast.Import):
        for use in uses:
            found = _through_module(program, layers, use, module)
            if found is not None and found not in allowed:
                return found
        for found in _quoted_layers(program, layers, name, module):
            if found not in allowed:
                return found
    return None


def _quoted_layers(program: Program, layers: Layers, name: str, module: Module) -> Iterator[int]:
    """The layers of the classes that quoted annotations take out of the module ``name``."""
    for node in module.nodes if f"{name}." in module.text else ():
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(node, ast.expr) or not isinstance(text, str) or f"{name}." not in text:
            continue
        parsed = program.quoted_text(text) if is_in_annotation(node, module) else None
        for each in ast.walk(parsed) if parsed is not None else ():
            if isinstance(each, ast.Attribute) and _root(each) == name:
                number = _layer_of(program, layers, program.evaluate(each, module.scopes[node]))
                if number is not None:
                    yield number


def _root(node: ast.expr) -> str:
    """The name that ``node`` is reached from by attributes."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _bound_value(program: Program, alias: ast.alias, name: str, scope: Scope) -> Value:
    scope.module.bound(scope)
    for definition in scope.bindings.get(name, ()):
        if isinstance(definition, Imported) and definition.node is alias:
            return program.define(definition, None)
    return frozenset()


def _layer_of(program: Program, layers: Layers, value: Value) -> int | None:
    for atom in value:
        if isinstance(atom, ClassRef):
            return layers.of_class(atom.cls)
        if isinstance(atom, External):
            return layers.of_class(atom.name)
        if isinstance(atom, Function) and atom.scope in program.choke.functions:
            return layers.last
    return None


def _through_module(program: Program, layers: Layers, use: ast.Name, module: Module) -> int | None:
    """The layer of the class that ``use``, the name of a module, leads to by its attributes."""
    node: ast.expr = use
    while True:
        parent = module.parents.get(node)
        if not isinstance(parent, ast.Attribute):
            return None
        node = parent
        number = _layer_of(program, layers, program.evaluate(node, module.scopes[node]))
        if number is not None:
            return None if _is_wiring(program, node, module) else number


def _is_exported(module: Module, name: str) -> bool:
    """Whether the module only hands the name on, in ``__all__``."""
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign) and any(last_name(t) == "__all__" for t in statement.targets):
            return any(isinstance(n, ast.Constant) and n.value == name for n in ast.walk(statement.value))
    return False


def _is_wiring(program: Program, use: ast.expr, module: Module) -> bool:
    """Whether ``use``, the class, only builds an object that is passed on, or is itself passed on."""
    scope = module.scopes[use]
    if is_in_annotation(use, module):
        return False
    parent = module.parents.get(use)
    if isinstance(parent, ast.keyword):
        parent = module.parents.get(parent)
    if not isinstance(parent, ast.Call):
        return isinstance(parent, (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Assign, ast.Return))
    if parent.func is not use:
        return last_name(parent.func) not in _LOOKING
    if any(isinstance(atom, Function) for atom in program.evaluate(use, scope)):
        return False
    return not any(
        place.scope.module is module and not place.wrapped and _is_called(place.node, module)
        for place in program.places(parent, scope)
    )


def _is_called(node: ast.expr, module: Module) -> bool:
    """Whether a method of the object ``node`` is called or taken there."""
    parent = module.parents.get(node)
    if not isinstance(parent, ast.Attribute):
        return False
    following = module.parents.get(parent)
    return isinstance(following, ast.Call) and following.func is parent


def is_in_annotation(use: ast.expr, module: Module) -> bool:
    """Whether ``use`` stands in the annotation of a parameter, a result or a variable."""
    child: ast.AST = use
    parent = module.parents.get(child)
    while isinstance(parent, (ast.expr, ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)):
        if isinstance(parent, (ast.arg, ast.AnnAssign)):
            return parent.annotation is child
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return parent.returns is child
        child, parent = parent, module.parents.get(parent)
    return False


OF_THE_PROGRAM = (layer_imports,)
