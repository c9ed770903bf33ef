"""Annotations: what an instance of the annotated type is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    NONE,
    NOTHING,
    OTHER,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    External,
    Instance,
    Text,
    Typed,
    TypeExpression,
    Value,
)
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.classes import ClassInfo
    from phase12_lint.values.program import Program

_WRAPPERS = {
    "Optional",
    "Final",
    "ClassVar",
    "Required",
    "NotRequired",
    "ReadOnly",
    "InitVar",
    "Unpack",
    "TypeForm",
}
_FIRST = {"Awaitable", "Future", "Task", "Deferred", "TypeGuard", "TypeIs"}
_CALLABLE = {"Callable", "ReferenceType", "ref", "WeakMethod"}
_LISTS = {
    *(
        "list",
        "List",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "deque",
        "Deque",
        "Sequence",
        "MutableSequence",
    ),
    *(
        "Iterable",
        "Iterator",
        "Collection",
        "AbstractSet",
        "MutableSet",
        "AsyncIterable",
        "AsyncIterator",
        "Reversible",
    ),
    *(
        "Generator",
        "AsyncGenerator",
        "Queue",
        "SimpleQueue",
        "ContextVar",
        "KeysView",
        "ValuesView",
        "WeakSet",
    ),
    *(
        "ContextManager",
        "AsyncContextManager",
        "AbstractContextManager",
        "AbstractAsyncContextManager",
        "Container",
    ),
    *("LifoQueue", "PriorityQueue", "chain", "Context"),
}
_DICTS = {
    *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "ChainMap"),
    *("MappingProxyType", "WeakValueDictionary", "WeakKeyDictionary", "UserDict"),
}
_ANYTHING = {"Any", "object", "TypeVar", "Incomplete", "Protocol", "Generic", "NamedTuple", "TypeAlias"}
_FOLLOWED = 6


def instance(program: Program, node: ast.expr, scope: Scope, frame: Frame | None, depth: int = 0) -> Value:
    """What a value annotated with ``node`` is; contains ``UNKNOWN`` where the annotation does not say."""
    if depth > _FOLLOWED:
        return ANYTHING
    if isinstance(node, ast.Constant):
        return _constant(program, node, scope, frame, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left = instance(program, node.left, scope, frame, depth + 1)
        return left | instance(program, node.right, scope, frame, depth + 1)
    if isinstance(node, ast.Subscript):
        return _subscript(program, node, scope, frame, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        atoms = program.evaluate(node, scope, None)
        return program.join(_of_atom(program, atom, node, scope, frame, depth) for atom in atoms)
    if isinstance(node, ast.Starred):
        return instance(program, node.value, scope, frame, depth + 1)
    return ANYTHING


def _constant(program: Program, node: ast.Constant, scope: Scope, frame: Frame | None, depth: int) -> Value:
    if node.value is None:
        return JUST_NONE
    if isinstance(node.value, str):
        tree = program.quoted(node)
        return instance(program, tree, scope, frame, depth + 1) if tree is not None else ANYTHING
    return ANYTHING


def _of_atom(
    program: Program, atom: Atom, node: ast.expr, scope: Scope, frame: Frame | None, depth: int
) -> Value:
    if isinstance(atom, ClassRef):
        return frozenset({Instance(atom.cls, None, atom.arguments)})
    if isinstance(atom, TypeExpression):
        if atom.node is node:
            return ANYTHING
        bound = _argument_of(program, frame, atom)
        return bound if bound is not None else instance_of_expression(program, atom, frame, depth)
    if isinstance(atom, Text):
        tree = program.quoted_text(atom.text)
        return instance(program, tree, scope, frame, depth + 1) if tree is not None else ANYTHING
    if isinstance(atom, External):
        return _external(program, atom.name, scope)
    return JUST_NONE if atom is NONE else ANYTHING


def instance_of_expression(
    program: Program, atom: TypeExpression, frame: Frame | None, depth: int = 0
) -> Value:
    """An instance of an alias such as ``dict[str, Plugin]`` or of a type variable's bound."""
    node = atom.node
    if isinstance(node, ast.Call):
        return _type_variable(program, node, atom.scope, frame, depth)
    return instance(program, node, atom.scope, frame, depth + 1)


def _type_variable(program: Program, call: ast.Call, scope: Scope, frame: Frame | None, depth: int) -> Value:
    """``TypeVar("T", bound=X)`` or ``TypeVar("T", A, B)``; ``NewType("N", X)``."""
    bound = next((k.value for k in call.keywords if k.arg == "bound"), None)
    if bound is not None:
        return instance(program, bound, scope, frame, depth + 1)
    if len(call.args) > 1:
        return program.join(instance(program, node, scope, frame, depth + 1) for node in call.args[1:])
    return ANYTHING


def _argument_of(program: Program, frame: Frame | None, atom: TypeExpression) -> Value | None:
    """The type argument that the receiver of this call carries for a type variable."""
    receiver = frame.receiver if frame is not None else None
    name = _variable_name(atom)
    if not name or not isinstance(receiver, (Instance, ClassRef)):
        return None
    given = dict(receiver.arguments)
    if name in given or isinstance(receiver.cls, str):
        return given.get(name)
    for ancestor in receiver.cls.ancestors(program):
        if not isinstance(ancestor, str):
            value = _argument_to_base(program, ancestor, name)
            if value is not None:
                return value
    return None


def _argument_to_base(program: Program, cls: ClassInfo, name: str) -> Value | None:
    """What ``class X(Base[Plugin])`` puts for the type variable ``name`` of ``Base``."""
    outer = cls.scope.parent
    for base in cls.node.bases:
        if not isinstance(base, ast.Subscript) or outer is None:
            continue
        given = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
        for atom in program.evaluate(base.value, outer):
            if isinstance(atom, ClassRef) and not isinstance(atom.cls, str):
                named = dict(zip(type_parameters(program, atom.cls), given))
                if name in named:
                    return instance(program, named[name], outer, None, 1)
    return None


def _variable_name(atom: TypeExpression) -> str | None:
    node = atom.node
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return next(
        (name for name, p in atom.scope.type_parameters.items() if getattr(p, "bound", None) is node), None
    )


def _external(program: Program, name: str, scope: Scope) -> Value:
    last = name.rpartition(".")[2]
    if program.governed.is_plugin_base_name(name):
        return frozenset({Instance(name)})
    if last in _ANYTHING and program.governed.is_known_external(name):
        return ANYTHING
    if last == "Self":
        return _self(program, scope)
    if not program.governed.is_known_external(name):
        return frozenset({Instance(name)})
    if last in _DICTS:
        return frozenset({Container("dict", None, (ANYTHING, ANYTHING))})
    if last in _LISTS or last in ("tuple", "Tuple"):
        return frozenset({Container("list", None, (ANYTHING,))})
    if last in ("type", "Type") or last in _CALLABLE:
        return frozenset({Typed(ANYTHING)})
    if last in ("Awaitable", "Coroutine", "Future", "Task"):
        return ANYTHING
    if name.startswith("builtins."):
        return ELSE
    return frozenset({Instance(name)})


def _self(program: Program, scope: Scope) -> Value:
    for outer in scope.chain():
        if outer.kind == "class":
            return frozenset({Instance(program.class_of(outer))})
    return ANYTHING


def _subscript(program: Program, node: ast.Subscript, scope: Scope, frame: Frame | None, depth: int) -> Value:
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    found: set[Atom] = set()
    for atom in program.evaluate(node.value, scope, None):
        if isinstance(atom, External):
            found |= _generic(program, atom.name.rpartition(".")[2], inner, scope, frame, depth, atom.name)
        elif isinstance(atom, ClassRef) and not isinstance(atom.cls, str):
            names = type_parameters(program, atom.cls)
            values = [instance(program, item, scope, frame, depth + 1) for item in inner]
            found.add(Instance(atom.cls, None, tuple(zip(names, values))))
        elif isinstance(atom, TypeExpression):
            found |= instance_of_expression(program, atom, frame, depth + 1)
        else:
            found.add(UNKNOWN)
    return frozenset(found)


def _generic(
    program: Program,
    last: str,
    inner: list[ast.expr],
    scope: Scope,
    frame: Frame | None,
    depth: int,
    name: str,
) -> Value:
    def each(node: ast.expr) -> Value:
        return instance(program, node, scope, frame, depth + 1)

    if last in _WRAPPERS or last in _FIRST or last == "Annotated":
        return each(inner[0]) | (JUST_NONE if last == "Optional" else NOTHING)
    if last == "Union":
        return program.join(each(item) for item in inner)
    if last == "Coroutine":
        return each(inner[-1])
    if last == "Literal":
        texts = [item.value for item in inner if isinstance(item, ast.Constant)]
        return frozenset(Text(text) if isinstance(text, str) else OTHER for text in texts) or ELSE
    if last in ("Type", "type"):
        return frozenset(ClassRef(a.cls) if isinstance(a, Instance) else a for a in each(inner[0]))
    if last in _CALLABLE:
        return frozenset({Typed(each(inner[-1]))})
    if last in _LISTS or last in _DICTS or last in ("tuple", "Tuple"):
        return frozenset({_container(last, [each(item) for item in inner], inner)})
    return _external(program, name, scope)


def _container(last: str, items: list[Value], inner: list[ast.expr]) -> Container:
    if last in _DICTS:
        return Container("dict", None, (items[0], items[-1]))
    if last in ("Generator", "AsyncGenerator"):
        return Container("generator", None, tuple(items))
    if last in _LISTS or (len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...):
        return Container("list", None, (items[0],))
    return Container("tuple", None, tuple(items), True)


def reconcile(program: Program, declared: Value, flows: Value) -> Value:
    """What is declared, joined with what flows in where the declaration leaves room for it.

    A declaration that cannot hold a governed value is the last word; one that can (unknown, a protocol, a
    base class of plugins) lets in what really arrives.
    """
    if UNKNOWN in declared:
        return (declared - {UNKNOWN}) | flows if flows else declared
    arriving = frozenset(atom for atom in flows if program.governed.admits(declared, atom))
    return declared | arriving


def returned(program: Program, scope: Scope) -> tuple[ast.expr, Scope] | None:
    """The return annotation of a function, and the scope to read it in."""
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.returns is None:
        return None
    outer = scope if scope.type_parameters else scope.parent
    assert outer is not None
    return node.returns, outer


def type_parameters(program: Program, cls: ClassInfo) -> list[str]:
    """The names of a generic class's type variables, in order."""
    if cls.scope.type_parameters:
        return list(cls.scope.type_parameters)
    found: dict[str, None] = {}
    for base in cls.node.bases:
        if isinstance(base, ast.Subscript) and cls.scope.parent is not None:
            inner = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            for node in inner:
                if isinstance(node, ast.Name):
                    value = program.evaluate(node, cls.scope.parent)
                    if any(isinstance(a, TypeExpression) and isinstance(a.node, ast.Call) for a in value):
                        found[node.id] = None
    return list(found)
