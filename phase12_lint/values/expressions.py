"""What an expression may be."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from phase12_lint.index import operators
from phase12_lint.syntax.scopes import Assigned, Definition, Scope, bases
from phase12_lint.values import (
    attributes,
    calling,
    container_methods,
    containers,
    declared_types,
    enumerations,
    folding,
    generators,
    metaclasses,
    naming,
    narrowing,
    obtaining,
    parameters,
    type_variables,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    NONE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Site,
    Text,
    TypeExpression,
    Value,
)
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.import_machinery import MODULES
from phase12_lint.values.names import lexical, under

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_BY_KEY = "__getitem__"


def expression(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """The value of ``node``, evaluated in ``scope`` under the call ``frame`` (None: under any call)."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return ANYTHING if isinstance(node, ast.expr) else frozenset({TypeExpression(node, scope)})
    value: Value = handler(program, node, scope, frame)
    return value


def _name(program: Program, node: ast.Name, scope: Scope, frame: Frame | None) -> Value:
    module = scope.module
    module.bound(scope)
    definitions = module.definitions.get(node)
    if definitions:
        value = program.join(program.define(definition, frame) for definition in definitions)
    else:
        value = lexical(program, node.id, scope, frame)
    return naming.with_name(program, node, value)


def _attribute(program: Program, node: ast.Attribute, scope: Scope, frame: Frame | None) -> Value:
    scope.module.bound(scope)
    definitions = scope.module.definitions.get(node)
    if definitions:
        value = program.join(program.define(definition, frame) for definition in definitions)
    else:
        value = raw_attribute(program, node, scope, frame)
    return naming.with_name(program, node, value)


def raw_attribute(program: Program, node: ast.Attribute, scope: Scope, frame: Frame | None) -> Value:
    """The attribute as the class, module or object has it, whatever has been tested or stored nearby."""
    owner = program.evaluate(node.value, scope, frame)
    return attributes.of_value(program, owner, node.attr)


def _subscript(program: Program, node: ast.Subscript, scope: Scope, frame: Frame | None) -> Value:
    scope.module.bound(scope)
    definitions = scope.module.definitions.get(node)
    if definitions and not _is_made_of_what_is_stored(program, node, definitions, scope, frame):
        value = program.join(program.define(definition, frame) for definition in definitions)
    else:
        value = raw_subscript(program, node, scope, frame)
    if any(isinstance(atom, TypeExpression) and atom.node is node for atom in value):
        return value
    return naming.with_name(program, node, value)


def _is_made_of_what_is_stored(
    program: Program,
    node: ast.Subscript,
    definitions: Iterable[Definition],
    scope: Scope,
    frame: Frame | None,
) -> bool:
    """Whether a class says itself what is to be had under a key that has been stored to."""
    return any(isinstance(each, Assigned) for each in bases(definitions)) and any(
        isinstance(atom, Instance) and _says_what_is_under_keys(program, atom)
        for atom in program.evaluate(node.value, scope, frame)
    )


def _says_what_is_under_keys(program: Program, atom: Instance) -> bool:
    if isinstance(atom.cls, str):
        return obtaining.obtains(atom, _BY_KEY)
    return attributes.method_of(program, atom, _BY_KEY) is not None


def raw_subscript(program: Program, node: ast.Subscript, scope: Scope, frame: Frame | None) -> Value:
    """The element as the container has it, whatever has been tested or stored nearby."""
    owner = program.evaluate(node.value, scope, frame)
    enums = [
        a.cls
        for a in owner
        if isinstance(a, ClassRef) and not isinstance(a.cls, str) and a.cls.is_enum(program)
    ]
    if enums:
        names = folding.strings(program.evaluate(node.slice, scope, frame))
        return program.join(enumerations.called(program, cls, names) for cls in enums)
    found = [a for a in owner if isinstance(a, Instance) and obtaining.obtains(a, _BY_KEY)]
    if found:
        return obtaining.obtained(found[0], _BY_KEY, [program.evaluate(node.slice, scope, frame)])
    made = _by_class(program, owner, node, scope, frame)
    if made is not None:
        return made
    if any(_is_generic(program, atom) for atom in owner):
        return frozenset({TypeExpression(node, scope)}) | _specialised(program, owner, node, scope, frame)
    return containers.item(program, owner, node.slice, scope, frame)


def _by_class(
    program: Program, owner: Value, node: ast.Subscript, scope: Scope, frame: Frame | None
) -> Value | None:
    """What the ``__class_getitem__`` of a class of the program gives, or the ``__getitem__`` of its metaclass."""
    for atom in (each for each in owner if isinstance(each, ClassRef)):
        method = metaclasses.method_of(program, atom, _BY_KEY)
        method = method or attributes.method_of(program, atom, "__class_getitem__")
        if method is not None:
            shape = Shape((Argument(node.slice, scope, frame),), ())
            return program.apply(method, node, scope, frame, shape)
    return None


def _is_generic(program: Program, atom: Atom) -> bool:
    """Whether a subscript of ``atom`` writes a type."""
    if isinstance(atom, External):
        return program.governed.is_known_external(atom.name) and atom.name != MODULES
    return isinstance(atom, (ClassRef, TypeExpression))


def _specialised(
    program: Program, owner: Value, node: ast.Subscript, scope: Scope, frame: Frame | None
) -> Value:
    """``Repo[Plugin]``: the class with its type arguments."""
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    found: set[Atom] = set()
    for atom in owner:
        if isinstance(atom, ClassRef) and not isinstance(atom.cls, str):
            values = [declared_types.instance(program, item, scope, frame) for item in inner]
            given = type_variables.paired(type_variables.variables_of(program, atom.cls), values)
            found.add(ClassRef(atom.cls, atom.reflected, given))
    return frozenset(found)


def _constant(program: Program, node: ast.Constant, scope: Scope, frame: Frame | None) -> Value:
    if isinstance(node.value, str):
        return frozenset({Text(node.value)})
    return JUST_NONE if node.value is None else ELSE


def _text(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = program.evaluate(node.left, scope, frame) | program.evaluate(node.right, scope, frame)
        if any(isinstance(atom, (ClassRef, TypeExpression)) or atom is NONE for atom in sides):
            return frozenset({TypeExpression(node, scope)})
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.BitOr, ast.Mult)):
        joined = container_methods.concatenation(program, node, scope, frame)
        if joined:
            return joined
    given = _by_operator(program, node, scope, frame) if isinstance(node, ast.BinOp) else None
    return folding.text(program, node, scope, frame) if given is None else given


def _by_operator(program: Program, node: ast.BinOp, scope: Scope, frame: Frame | None) -> Value | None:
    """What the method of a class of the program gives that the operator calls; None if it calls none."""
    sides = ((node.left, node.right, operators.LEFT), (node.right, node.left, operators.RIGHT))
    for owner, other, names in sides:
        shape = Shape((Argument(other, scope, frame),), ())
        objects = (a for a in program.evaluate(owner, scope, frame) if isinstance(a, Instance))
        given = [program.call_method(each, names[type(node.op)], shape) for each in objects]
        if any(each is not None for each in given):
            return program.join(ANYTHING if each is None else each for each in given)
    return None


def _bool_op(program: Program, node: ast.BoolOp, scope: Scope, frame: Frame | None) -> Value:
    return program.join(program.evaluate(value, scope, frame) for value in node.values)


def _if_exp(program: Program, node: ast.IfExp, scope: Scope, frame: Frame | None) -> Value:
    return program.join(
        program.evaluate(arm, scope, frame)
        for arm in (node.body, node.orelse)
        if frame is None or narrowing.is_come_to(program, arm, scope, frame)
    )


def _inner(program: Program, node: ast.NamedExpr | ast.Starred, scope: Scope, frame: Frame | None) -> Value:
    return program.evaluate(node.value, scope, frame)


def _await(program: Program, node: ast.Await, scope: Scope, frame: Frame | None) -> Value:
    value = program.evaluate(node.value, scope, frame)
    if _is_of_coroutine(program, node.value, scope, frame):
        return containers.awaited(program, value)
    return program.join(_awaited(program, atom) for atom in value)


def _is_of_coroutine(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> bool:
    """Whether ``node`` calls an ``async def``: what that returns has been waited for already."""
    return isinstance(node, ast.Call) and any(
        isinstance(atom, Function) and isinstance(atom.scope.node, ast.AsyncFunctionDef)
        for atom in program.evaluate(node.func, scope, frame)
    )


def _awaited(program: Program, atom: Atom) -> Value:
    waiting = attributes.method_of(program, atom, "__await__") if isinstance(atom, Instance) else None
    if waiting is None:
        return containers.awaited(program, frozenset({atom}))
    called = parameters.frame_for(program, waiting, waiting.scope.node, Shape((), ()), None)
    inner = waiting.scope.module.bound(waiting.scope)
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(inner.node)):
        return program.join(program.evaluate(node, inner, called) for node in inner.returns) or JUST_NONE
    return program.join(_of_awaitable(program, node, inner, called) for node in inner.returns)


def _of_awaitable(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """What waiting for ``x`` gives, where ``node`` is ``x.__await__()``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__await__":
        return containers.awaited(program, program.evaluate(node.func.value, scope, frame))
    return generators.returned(program, program.evaluate(node, scope, frame))


def _yield(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    if isinstance(node, ast.YieldFrom):
        return generators.returned(program, program.evaluate(node.value, scope, frame))
    return program.join(map(program.argument, generators.sent(program, scope))) or _declared_to_be_sent(
        program, scope, frame
    )


def _declared_to_be_sent(program: Program, scope: Scope, frame: Frame | None) -> Value:
    """What the annotation ``Generator[given, sent, returned]`` of the function says."""
    declared = declared_types.returned(program, scope)
    value = declared_types.instance(program, *declared, frame) if declared is not None else NOTHING
    said = [
        a.items[1] for a in value if isinstance(a, Container) and a.kind == "generator" and len(a.items) > 1
    ]
    return program.join(said) or ANYTHING


def _elsewhere(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    return ELSE


def _unary(program: Program, node: ast.UnaryOp, scope: Scope, frame: Frame | None) -> Value:
    return ELSE if isinstance(node.op, ast.Not) else ANYTHING


def _lambda(program: Program, node: ast.Lambda, scope: Scope, frame: Frame | None) -> Value:
    inner = scope.module.scope_of_node[node]
    return frozenset({Function(inner, None, frame)})


def _display(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    kind = "dict" if isinstance(node, (ast.Dict, ast.DictComp)) else "list"
    if isinstance(node, ast.Tuple):
        kind = "tuple"
    return frozenset({Container(kind, Site.of(node, scope, frame))})


class Undecorated(ast.expr):
    """Stands for a function or class as it is before its decorators, or under the ``last`` of them alone."""

    scope: Scope
    last: Sequence[ast.expr] = ()


class Receiver(ast.expr):
    """Stands for what a function is bound to, which is its first argument."""

    atom: Atom


def _receiver(program: Program, node: Receiver, scope: Scope, frame: Frame | None) -> Value:
    return frozenset({node.atom})


def _undecorated(program: Program, node: Undecorated, scope: Scope, frame: Frame | None) -> Value:
    return under(program, node.scope, node.last, scope, frame)


_HANDLERS: dict[type[ast.AST], Callable[..., Value]] = {
    Undecorated: _undecorated,
    Receiver: _receiver,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: calling.call,
    ast.Constant: _constant,
    ast.BinOp: _text,
    ast.JoinedStr: _text,
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_exp,
    ast.Await: _await,
    ast.NamedExpr: _inner,
    ast.Starred: _inner,
    ast.Lambda: _lambda,
    ast.UnaryOp: _unary,
    ast.Compare: _elsewhere,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Dict: _display,
    ast.DictComp: _display,
    ast.List: _display,
    ast.ListComp: _display,
    ast.Set: _display,
    ast.SetComp: _display,
    ast.Tuple: _display,
    ast.GeneratorExp: _display,
}
