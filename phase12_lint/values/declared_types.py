"""Annotations: what an instance of the annotated type is."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import type_variables
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
    *("LifoQueue", "PriorityQueue", "chain", "Context", "UserList"),
    *("ObjectReceiveStream", "ObjectSendStream", "ObjectStream", "ReceiveChannel", "SendChannel"),
    *("MemoryObjectReceiveStream", "MemoryObjectSendStream", "MemoryReceiveChannel", "MemorySendChannel"),
}
_DICTS = {
    *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "ChainMap"),
    *("MappingProxyType", "WeakValueDictionary", "WeakKeyDictionary", "UserDict"),
}
_ANYTHING = {"Any", "object", "TypeVar", "Incomplete", "Protocol", "Generic", "NamedTuple", "TypeAlias"}
_FOLLOWED = 6


def kinds_of(name: str) -> tuple[str, ...]:
    """The kinds of containers that may be of the library's class of that last name; none of any other class."""
    if name in _DICTS:
        return ("dict", "any")
    return ("list", "tuple", "generator", "any") if name in _LISTS or name == "tuple" else ()


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
        tree = program.quoted_text(str(node.value))
        return instance(program, tree, scope, frame, depth + 1) if tree is not None else ANYTHING
    return ANYTHING


def _of_atom(
    program: Program, atom: Atom, node: ast.expr, scope: Scope, frame: Frame | None, depth: int
) -> Value:
    if isinstance(atom, ClassRef):
        return frozenset({Instance(atom.cls, None, atom.arguments)})
    if isinstance(atom, TypeExpression):
        return _of_expression(program, atom, frame, depth) if atom.node is not node else ANYTHING
    if isinstance(atom, Text):
        tree = program.quoted_text(atom.text)
        return instance(program, tree, scope, frame, depth + 1) if tree is not None else ANYTHING
    if isinstance(atom, External):
        return _external(program, atom.name, scope, frame)
    return JUST_NONE if atom is NONE else ANYTHING


def _of_expression(program: Program, atom: TypeExpression, frame: Frame | None, depth: int) -> Value:
    """An instance of an alias such as ``dict[str, Plugin]``, or of what a type variable stands for."""
    if not type_variables.is_variable(atom):
        return instance(program, atom.node, atom.scope, frame, depth + 1)
    known = type_variables.filled_in(program, atom, frame)
    limits = type_variables.limits(atom)
    if known and not (UNKNOWN in known and limits):
        return known
    return program.join(instance(program, each, atom.scope, frame, depth + 1) for each in limits) or ANYTHING


def _external(program: Program, name: str, scope: Scope, frame: Frame | None) -> Value:
    last = name.rpartition(".")[2]
    if program.governed.is_plugin_base_name(name):
        return frozenset({Instance(name)})
    if last in _ANYTHING and program.governed.is_known_external(name):
        return ANYTHING
    if last == "Self":
        return _self(program, scope, frame)
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


def _self(program: Program, scope: Scope, frame: Frame | None) -> Value:
    receiver = frame.receiver if frame is not None else None
    if isinstance(receiver, (Instance, ClassRef)):
        return frozenset({Instance(receiver.cls, None, receiver.arguments)})
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
            continue
        values = [instance(program, item, scope, frame, depth + 1) for item in inner]
        if isinstance(atom, ClassRef) and not isinstance(atom.cls, str):
            variables = type_variables.variables_of(program, atom.cls)
            found.add(Instance(atom.cls, None, type_variables.paired(variables, values)))
        elif isinstance(atom, TypeExpression):
            given = type_variables.of_alias(program, atom, values)
            found |= _of_expression(program, atom, given, depth + 1)
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
    return _external(program, name, scope, frame)


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


def reconcile_stored(program: Program, declared: Value, flows: Value, is_local: bool = False) -> Value:
    """The same for what is stored where it is declared: an object of the declared class, or a container, that is seen
    being made is no other one, of which the declaration says no more; a container into which nothing is seen put is
    filled out of sight, unless it ``is_local`` to a function.
    """
    value = reconcile(program, declared, flows)
    if not flows or not all(map(_is_seen_made, flows)):
        return value
    classes = {atom.cls for atom in flows if isinstance(atom, Instance)}
    if classes:
        same = [a for a in declared if isinstance(a, Instance) and {a.cls} == classes]
        return frozenset(_with_arguments(a, same) for a in value if a in flows or a not in same)
    is_empty = not is_local and all(_is_written_empty(atom) for atom in flows)
    if is_empty and _says_a_class(value - flows) and not any(_is_filled(program, atom) for atom in flows):
        return value
    return frozenset(a for a in value if a in flows or not isinstance(a, Container) or _governs(program, a))


def _is_seen_made(atom: Atom) -> bool:
    if isinstance(atom, Instance):
        return atom.site is not None
    return isinstance(atom, Container) and atom.made is not None


def _is_written_empty(atom: Atom) -> bool:
    """Whether nothing is in the container ``atom`` where it is made."""
    node = atom.made.node if isinstance(atom, Container) and atom.made is not None else None
    parts = ("elts", "keys", "args", "keywords")
    return isinstance(node, (ast.List, ast.Dict, ast.Set, ast.Call)) and not any(
        getattr(node, part, ()) for part in parts
    )


def _is_filled(program: Program, atom: Atom) -> bool:
    """Whether something is seen to be put into the container ``atom``."""
    return bool(program.element(atom, "values") - ANYTHING)


def _with_arguments(atom: Atom, declared: list[Instance]) -> Atom:
    """``atom``, made without type arguments, with those of the one type that it is ``declared`` to be."""
    if len(declared) == 1 and isinstance(atom, Instance) and not atom.arguments:
        return replace(atom, arguments=declared[0].arguments)
    return atom


def _says_a_class(value: Value) -> bool:
    """Whether containers in ``value`` are declared to hold objects of a class of the program."""
    items = (item for atom in value if isinstance(atom, Container) for item in atom.items)
    return any(
        isinstance(each, Instance) and not isinstance(each.cls, str) for item in items for each in item
    )


def _governs(program: Program, atom: Atom) -> bool:
    if isinstance(atom, Container):
        return any(_governs(program, each) for item in atom.items for each in item)
    return program.governed.is_governed_itself(atom)


def returned(program: Program, scope: Scope) -> tuple[ast.expr, Scope] | None:
    """The return annotation of a function, and the scope to read it in."""
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.returns is None:
        return None
    return node.returns, scope.signature
