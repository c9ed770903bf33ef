"""Type variables: what one stands for at a place, by what a call passes, and by the type arguments of a class.

A variable is known by where it is made: a call of ``TypeVar``, or a parameter ``[T]`` of a class, function or alias.
A call fills in those of the function's own annotations from the arguments that arrive where they stand (``type[T]``,
``Callable[[], T]``, ``list[T]``). An object fills in those of its class, and of the classes above it, as they were
written (``Box[Ocr]``, ``class Tools(Box[Ocr])``) or as its constructor was called. An alias fills in its own where it
is given arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import (
    JUST_NONE,
    NOTHING,
    ClassRef,
    Container,
    External,
    Instance,
    TypeExpression,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.interning import remembered

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

Arguments = tuple[tuple[str, Value], ...]
_ALIAS = "<alias>"
_KEYED = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
_TRANSPARENT = {"Annotated", "Optional", "Union", "Final", "ClassVar", "Awaitable", "Required", "NotRequired"}


def is_variable(atom: object) -> bool:
    """Whether ``atom`` is a type variable, and no other type."""
    return isinstance(atom, TypeExpression) and (
        isinstance(atom.node, ast.Call) or not isinstance(atom.node, ast.expr)
    )


def name_of(variable: TypeExpression) -> str:
    """What the variable is called."""
    node = variable.node
    if isinstance(node, ast.Call):
        return str(getattr(node.args[0], "value", "")) if node.args else ""
    return str(getattr(node, "name", ""))


def limits(variable: TypeExpression) -> Sequence[ast.expr]:
    """What the variable itself says of the types that it stands for: its constraints, its bound or its default."""
    node = variable.node
    if isinstance(node, ast.Call):
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        bound, default, constraints = given.get("bound"), given.get("default"), node.args[1:]
    else:
        bound, default = getattr(node, "bound", None), getattr(node, "default_value", None)
        constraints = bound.elts if isinstance(bound, ast.Tuple) else []
    return constraints or [each for each in (bound or default,) if each is not None]


def variables_in(program: Program, node: ast.AST, scope: Scope) -> list[TypeExpression]:
    """The type variables in the annotation ``node``, in the order in which they first stand there."""
    found: dict[TypeExpression, None] = {}
    for name in _names_within(program, node):
        for atom in program.evaluate(name, scope):
            if isinstance(atom, TypeExpression) and is_variable(atom):
                found[atom] = None
    return list(found)


@remembered
def _names_within(program: Program, node: ast.AST) -> tuple[ast.Name, ...]:
    return tuple(_names_in(program, node))


def _names_in(program: Program, node: ast.AST) -> Iterator[ast.Name]:
    if isinstance(node, ast.Name):
        yield node
    tree = (
        program.quoted_text(str(node.value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        else None
    )
    for child in ast.iter_child_nodes(node) if tree is None else (tree,):
        yield from _names_in(program, child)


def variables_of(program: Program, cls: ClassInfo) -> list[TypeExpression]:
    """The type variables of a generic class, in the order of its arguments."""
    scope, outer = cls.scope, cls.scope.parent
    assert outer is not None
    if scope.type_parameters:
        return [TypeExpression(node, scope) for node in scope.type_parameters.values()]
    bases = [base for base in cls.node.bases if isinstance(base, ast.Subscript)]
    named = [
        base for base in bases if getattr(base.value, "id", getattr(base.value, "attr", "")) == "Generic"
    ]
    found = (variable for base in named or bases for variable in variables_in(program, base.slice, outer))
    return list(dict.fromkeys(found))


def _variables_of_alias(program: Program, alias: TypeExpression) -> list[TypeExpression]:
    statement = alias.scope.module.parents.get(alias.node)
    declared = getattr(statement, "type_params", ())
    if declared:
        return [TypeExpression(node, alias.scope) for node in declared]
    return variables_in(program, alias.node, alias.scope)


def paired(variables: Sequence[TypeExpression], values: Sequence[Value]) -> Arguments:
    """The arguments ``values`` under the names of ``variables``."""
    return tuple(zip(map(name_of, variables), values))


def of_alias(program: Program, alias: TypeExpression, values: Sequence[Value]) -> Frame:
    """The frame under which ``alias`` is read where it is given the arguments ``values``."""
    return _under(program, paired(_variables_of_alias(program, alias), values), alias.scope)


def _under(program: Program, given: Arguments, scope: Scope) -> Frame:
    return program.receiver_frame(Instance(_ALIAS, None, given), scope)


def filled_in(program: Program, variable: TypeExpression, frame: Frame | None) -> Value:
    """What ``variable`` stands for under ``frame``; nothing where that is not known."""
    if frame is None:
        return NOTHING
    receiver, name = frame.receiver, name_of(variable)
    if isinstance(receiver, (Instance, ClassRef)):
        if isinstance(receiver.cls, str):
            return dict(receiver.arguments).get(name, NOTHING)
        owner = next((scope for scope in frame.scope.chain() if scope.kind == "class"), None)
        given = arguments_of(program, receiver, program.class_of(owner)) if owner is not None else ()
        if name in dict(given):
            return dict(given)[name]
    return _passed(program, variable, frame) if frame.scope.is_function else NOTHING


def arguments_of(program: Program, known: Instance | ClassRef, owner: ClassInfo) -> Arguments:
    """What the type variables of ``owner``, the class of ``known`` or one above it, stand for."""
    if known.cls is owner:
        return known.arguments or _constructed(program, known, owner)
    cls = known.cls
    if not isinstance(cls, ClassInfo) or owner not in cls.ancestors(program):
        return ()
    own = _under(program, arguments_of(program, known, cls), cls.scope)
    scope = cls.scope if cls.scope.type_parameters else cls.scope.parent
    assert scope is not None
    for base in cls.node.bases:
        target = base.value if isinstance(base, ast.Subscript) else base
        for atom in program.evaluate(target, scope):
            if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo) and atom.cls is not cls:
                items = _items(base.slice) if isinstance(base, ast.Subscript) else ()
                values = [program.annotated(item, scope, own) for item in items]
                above = Instance(atom.cls, None, paired(variables_of(program, atom.cls), values))
                found = arguments_of(program, above, owner)
                if found:
                    return found
    return ()


def _constructed(program: Program, known: Instance | ClassRef, cls: ClassInfo) -> Arguments:
    """What the call that made the object says of the type variables of its class."""
    site = known.site if isinstance(known, Instance) else None
    variables = variables_of(program, cls) if site is not None else []
    if site is None or not isinstance(site.node, ast.Call) or not variables:
        return ()
    init = program.method(known, "__init__")
    shape = shape_of(site.node, site.scope, site.frame)
    frame = program.call_frame(init, site.node, shape, site.frame) if init is not None else None
    values = [_passed(program, each, frame) if frame is not None else NOTHING for each in variables]
    return tuple(pair for pair in paired(variables, values) if pair[1])


def _passed(program: Program, variable: TypeExpression, frame: Frame) -> Value:
    """What the call ``frame`` passes where ``variable`` stands in the function's annotations."""
    scope, found = frame.scope.signature, NOTHING
    for param in frame.scope.params:
        annotation = param.node.annotation
        if annotation is None or variable not in variables_in(program, annotation, scope):
            continue
        value: Value = program.ask(("parameter", param, frame))
        if param.kind in ("star", "starstar"):
            value = program.join(_elements(program, value, "values"))
        found |= program.join(_matched(program, annotation, scope, variable, value))
    return found


def _matched(
    program: Program,
    node: ast.expr,
    scope: Scope,
    variable: TypeExpression,
    value: Value,
    within: frozenset[tuple[ast.expr, Value]] = frozenset(),
) -> Iterator[Value]:
    """The parts of ``value`` that stand where ``variable`` stands in the annotation ``node``.

    A type may be written ``within`` itself (``Json = dict[str, "Json"] | T``): it is opened once for each value.
    """
    if not value or (node, value) in within:
        return
    program.spend(1)
    within |= {(node, value)}
    tree = (
        program.quoted_text(str(node.value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        else node
    )
    if isinstance(tree, ast.Name):
        if variable in program.evaluate(tree, scope):
            yield value
    elif isinstance(tree, ast.BinOp):
        for side in (tree.left, tree.right):
            yield from _matched(program, side, scope, variable, value - JUST_NONE, within)
    elif isinstance(tree, ast.Subscript):
        for atom in program.evaluate(tree.value, scope):
            for item, part in _parts(program, atom, tree, scope, value, within):
                yield from _matched(program, item, scope, variable, part, within)


def _parts(
    program: Program,
    generic: object,
    node: ast.Subscript,
    scope: Scope,
    value: Value,
    within: frozenset[tuple[ast.expr, Value]],
) -> Iterator[tuple[ast.expr, Value]]:
    """The arguments of the generic type ``node``, each with what of ``value`` is of that type."""
    items = _items(node.slice)
    if isinstance(generic, External):
        yield from _parts_of_known(program, generic.name.rpartition(".")[2], items, value, node, scope)
    elif isinstance(generic, ClassRef) and isinstance(generic.cls, ClassInfo):
        names = list(map(name_of, variables_of(program, generic.cls)))
        for atom in value:
            given = dict(arguments_of(program, atom, generic.cls)) if isinstance(atom, Instance) else {}
            yield from ((item, given[name]) for name, item in zip(names, items) if name in given)
    elif isinstance(generic, TypeExpression) and not is_variable(generic):
        for variable, item in zip(_variables_of_alias(program, generic), items):
            found = _matched(program, generic.node, generic.scope, variable, value, within)
            yield item, program.join(found)


def _parts_of_known(
    program: Program, name: str, items: Sequence[ast.expr], value: Value, node: ast.expr, scope: Scope
) -> Iterator[tuple[ast.expr, Value]]:
    if name in _TRANSPARENT:
        yield from ((item, value - JUST_NONE) for item in items)
    elif name == "Coroutine":
        yield items[-1], value
    elif name in ("type", "Type"):
        yield items[0], frozenset(_instance(atom) for atom in value if isinstance(atom, ClassRef))
    elif name == "Callable":
        called = (atom for atom in value if not isinstance(atom, Instance) or isinstance(atom.cls, ClassInfo))
        yield items[-1], program.call_value(frozenset(called), node, scope, None)
    elif name in _KEYED and len(items) == 2:
        yield from zip(
            items, (program.join(_elements(program, value, which)) for which in ("keys", "values"))
        )
    elif name in ("tuple", "Tuple") and not isinstance(items[-1], ast.Constant):
        yield from ((item, program.unpacked(value, position)) for position, item in enumerate(items))
    else:
        yield items[0], program.iterate(value)


def _instance(cls: ClassRef) -> Instance:
    return Instance(cls.cls, None, cls.arguments)


def _elements(program: Program, value: Value, which: str) -> Iterator[Value]:
    return (program.element(atom, which) for atom in value if isinstance(atom, Container))


def _items(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
