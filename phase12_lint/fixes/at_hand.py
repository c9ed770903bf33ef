"""What code has at hand: the one value of the next layer that it can call, and the name of a plugin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.calls.advice import advice_of, governed_methods
from phase12_lint.calls.layers import layers_of
from phase12_lint.execution.entries import entries
from phase12_lint.fixes.base import NoFix, demand
from phase12_lint.fixes.blocks import loads_of
from phase12_lint.policy import last_part
from phase12_lint.syntax.arity import takes
from phase12_lint.syntax.scopes import Assigned, Defined, Imported, Param, Scope, home_of, last_name
from phase12_lint.values.atoms import Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.program import Program

_LOOKED_UP = ("get", "find", "load", "lookup", "resolve")
_PLAIN = (ast.Name, ast.Attribute, ast.Constant)


class Due(NamedTuple):
    """What is to be called: as written, and the method that it is."""

    written: str
    method: Scope

    @property
    def is_async(self) -> bool:
        """Whether a call of it is awaited."""
        return isinstance(self.method.node, ast.AsyncFunctionDef)


def due_call(
    program: Program, scope: Scope, source: int | None, call: ast.Call, awaited: bool, name: str = ""
) -> Due:
    """The call that code of layer ``source`` (None: of no layer) in ``scope`` has to make in the place of ``call``.

    Among the methods that take the same, that called ``name`` is preferred, then those that are ``awaited`` as it is.
    Raises ``NoFix`` unless exactly one value of the layer that is due is at hand, and one method of it fits.
    """
    demand(source != layers_of(program).last, "there is no next layer")
    number = advice_of(program).due(source)
    found = _values(program, scope, call, number)
    demand(len(found) == 1, f"{len(found)} values of the next layer are at hand")
    [(written, cls)] = found.items()
    methods = [each for each in governed_methods(program, cls, number) if takes(each, call)]
    named = [each for each in methods if each.name == name]
    methods = named or methods
    if len(methods) > 1:
        methods = [each for each in methods if isinstance(each.node, ast.AsyncFunctionDef) is awaited]
    demand(len(methods) == 1, f"{len(methods)} methods of the next layer fit")
    return Due(f"{written}.{methods[0].name}", methods[0])


def parameters_of(scope: Scope) -> list[str]:
    """The names of what a call of ``scope`` gives by position, what it is called on apart."""
    params = [each for each in scope.module.bound(scope).params if each.kind == "positional"]
    bound = 1 if scope.class_scope is not None and takes_receiver(scope) else 0
    return [each.node.arg for each in params[bound:]]


def name_of_plugin(program: Program) -> str:
    """What the choke point calls the name that a plugin is asked for by."""
    for entry in program.once(entries):
        for param in entry.scope.module.bound(entry.scope).params:
            if param.node.arg in parameters_of(entry.scope)[:1] and not _is_plugin(program, param):
                return param.node.arg
        break
    raise NoFix("the choke point is not given a plugin's name")


def _is_plugin(program: Program, param: Param) -> bool:
    """Whether the entry that has ``param`` is given a plugin, by it or as what it is called on."""
    given = (
        program.define(each, None) for each in param.scope.module.bound(param.scope).params[: param.index + 1]
    )
    return any(program.governed.is_role(atom, "plugin") for value in given for atom in value)


def name_in(program: Program, receiver: ast.expr, scope: Scope) -> tuple[ast.expr, ast.stmt | None]:
    """The name that the plugin ``receiver`` was looked up by, and the statement that does so, if only for this.

    Raises ``NoFix`` if it was not looked up by a name that is still the same here.
    """
    if isinstance(receiver, ast.Name):
        return _name_in_variable(program, receiver, scope)
    name = _key(program, receiver)
    demand(name is not None, "the plugin is not looked up by a name")
    assert name is not None
    return name, None


def _name_in_variable(program: Program, receiver: ast.Name, scope: Scope) -> tuple[ast.expr, ast.stmt | None]:
    definition = _only(scope, receiver.id)
    if not isinstance(definition, Assigned) or definition.value is None:
        raise NoFix("the plugin is given")
    statement = scope.module.statement(definition.node)
    if isinstance(statement, (ast.For, ast.AsyncFor)) and definition.path:
        name = _key_of_items(statement, receiver.id)
    else:
        name = _key(program, definition.value) if not definition.path else None
    demand(name is not None, "the plugin is not looked up by a name")
    assert name is not None
    demand(isinstance(name, ast.Constant) or _is_stable(name, scope), "the name may be another one here")
    home = home_of(scope, receiver.id)
    alone = (
        value_of(statement) is definition.value
        and home is not None
        and loads_of(home, receiver.id) == [receiver]
    )
    return name, statement if alone else None


def value_of(statement: ast.stmt) -> ast.expr | None:
    """What a statement assigns that does nothing else, to one target."""
    is_plain = isinstance(statement, ast.AnnAssign) or (
        isinstance(statement, ast.Assign) and len(statement.targets) == 1
    )
    return getattr(statement, "value", None) if is_plain else None


def _key(program: Program, node: ast.expr) -> ast.expr | None:
    """``name`` of ``registry.get(name)``, ``get_plugin(name)``, ``plugins[name]`` and a call of a plugin source."""
    if isinstance(node, ast.Await):
        return _key(program, node.value)
    if isinstance(node, ast.Subscript):
        return node.slice if isinstance(node.slice, _PLAIN) else None
    if not isinstance(node, ast.Call) or len(node.args) + len(node.keywords) != 1:
        return None
    called = last_name(node.func) or ""
    given = [*node.args, *(each.value for each in node.keywords)][0]
    is_lookup = any(word in called.lower() for word in _LOOKED_UP) or called in map(
        last_part, program.policy.plugin_sources
    )
    return given if isinstance(given, _PLAIN) and is_lookup else None


def _key_of_items(statement: ast.For | ast.AsyncFor, plugin: str) -> ast.expr | None:
    """``name`` of ``for name, plugin in plugins.items()``."""
    target, given = statement.target, statement.iter
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2 or not isinstance(given, ast.Call):
        return None
    name, value = target.elts
    is_items = isinstance(given.func, ast.Attribute) and given.func.attr == "items" and not given.args
    is_plugin = isinstance(value, ast.Name) and value.id == plugin
    return name if is_items and is_plugin and isinstance(name, ast.Name) else None


def _is_stable(name: ast.expr, scope: Scope) -> bool:
    return isinstance(name, ast.Name) and _only(scope, name.id) is not None


def _only(scope: Scope, name: str) -> object:
    """The one definition of ``name``, as ``scope`` sees it."""
    home = home_of(scope, name)
    definitions = home.bindings[name] if home is not None else []
    return definitions[0] if len(definitions) == 1 else None


def _values(program: Program, scope: Scope, call: ast.Call, number: int) -> dict[str, ClassInfo]:
    """What is of layer ``number`` and at hand, as written: in the functions around and on ``self``, else at the top."""
    found: dict[str, ClassInfo] = {}
    for written, value in (*_local(program, scope, call), *_own(program, scope)):
        found |= _of_layer(program, written, value, number)
    if not found:
        for written, value in _global(program, scope, call):
            found |= _of_layer(program, written, value, number)
    return found


def _of_layer(program: Program, written: str, value: Value, number: int) -> dict[str, ClassInfo]:
    classes = {each.cls for each in value if isinstance(each, Instance)}
    if len(classes) != 1:
        return {}
    cls = classes.pop()
    fits = isinstance(cls, ClassInfo) and layers_of(program).of_class(cls) == number
    return {written: cls} if fits and isinstance(cls, ClassInfo) else {}


def _local(program: Program, scope: Scope, call: ast.Call) -> Iterator[tuple[str, Value]]:
    for outer in scope.chain():
        if outer.is_function:
            for name, definitions in outer.module.bound(outer).bindings.items():
                if len(definitions) == 1 and _only(scope, name) is definitions[0]:
                    definition = definitions[0]
                    if isinstance(definition, Param) or _precedes(outer, definition, call):
                        yield name, program.define(definition, None)


def _own(program: Program, scope: Scope) -> Iterator[tuple[str, Value]]:
    method = scope.method
    owner = method.class_scope if method is not None else None
    if method is None or owner is None or not takes_receiver(method):
        return
    receiver = method.module.bound(method).params[0]
    own = receiver.node.arg
    if receiver.kind != "positional" or _only(scope, own) is not receiver:
        return
    me = frozenset(each for each in program.define(receiver, None) if isinstance(each, Instance))
    cls = program.class_of(owner)
    lines = [each for each in cls.ancestors(program) if isinstance(each, ClassInfo)]
    names = dict.fromkeys(name for each in lines for name in (*each.writes(), *_fields(each)))
    for name in names if method.name != "__init__" else ():
        yield f"{own}.{name}", program.attribute(me, name)


def _fields(cls: ClassInfo) -> Iterator[str]:
    for name, definitions in cls.module.bound(cls.scope).bindings.items():
        if any(isinstance(each, Assigned) for each in definitions):
            yield name


def _global(program: Program, scope: Scope, call: ast.Call) -> Iterator[tuple[str, Value]]:
    top = scope.module.bound(scope.module.scope)
    for name, definitions in top.bindings.items():
        if len(definitions) == 1 and _only(scope, name) is definitions[0]:
            definition = definitions[0]
            if isinstance(definition, (Assigned, Imported)) and (
                scope is not top or _precedes(top, definition, call)
            ):
                yield name, program.define(definition, None)


def _precedes(scope: Scope, definition: object, call: ast.Call) -> bool:
    """Whether the definition, a statement of the body itself, is always made before ``call``."""
    node = getattr(definition, "node", None)
    if isinstance(definition, Defined) or not isinstance(node, ast.AST):
        return False
    statement = getattr(definition, "statement", None) or scope.module.statement(node)
    body = getattr(scope.node, "body", [])
    return statement in body and (statement.end_lineno or 0) < call.lineno
