"""What calls into the standard library (and look-alikes elsewhere) give back: only what can pass a value on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Union

from phase12_lint.survey import annotations, folding
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.frames import Argument, Frame, Shape, shape_of
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.values import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Getter,
    Instance,
    Method,
    Partial,
    Site,
    Sourced,
    Super,
    Text,
    TypeExpression,
    Value,
)

if TYPE_CHECKING:
    from phase12_lint.survey.program import Program

_FIRST = {
    *(
        "copy.copy",
        "copy.deepcopy",
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.shield",
        "anyio.run",
    ),
    *("asyncio.wait_for", "asyncio.run", "asyncio.run_coroutine_threadsafe", "weakref.proxy", "weakref.ref"),
    *(
        "contextlib.closing",
        "contextlib.nullcontext",
        "contextlib.aclosing",
        "typing.assert_type",
        "inspect.unwrap",
    ),
    *(
        "dataclasses.replace",
        "typing.no_type_check",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
    ),
}
_FIRST_METHODS = {
    "run_until_complete",
    "create_task",
    "enter_context",
    "enter_async_context",
    "push",
    "wrap_future",
}
_LISTING = {
    *(
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "reversed",
        "iter",
        "aiter",
        "deque",
        "islice",
        "cycle",
        "sample",
    ),
    *("takewhile_", "WeakSet", "OrderedSet", "as_completed", "nlargest_", "shuffle", "Queue", "LifoQueue"),
    *("SimpleQueue", "PriorityQueue", "permutations_", "batched_", "chain", "gather", "cast_"),
}
_SECOND_LISTING = {"filter", "takewhile", "dropwhile", "filterfalse", "nlargest", "nsmallest"}
_PICKING = {"next", "anext", "max", "min", "choice", "heappop", "reduce_"}
_DICTIONARIES = {
    "dict",
    "OrderedDict",
    "defaultdict",
    "ChainMap",
    "MappingProxyType",
    "WeakValueDictionary",
    "Counter",
}
_TRANSPARENT_MODULES = {
    *(
        "copy",
        "pickle",
        "importlib",
        "functools",
        "itertools",
        "operator",
        "contextlib",
        "asyncio",
        "concurrent",
    ),
    *(
        "queue",
        "weakref",
        "types",
        "typing",
        "inspect",
        "heapq",
        "random",
        "collections",
        "unittest",
        "builtins",
    ),
    *(
        "multiprocessing",
        "contextvars",
        "abc",
        "dataclasses",
        "enum",
        "threading",
        "pkgutil",
        "runpy",
        "marshal",
    ),
}
_PLAIN_BUILTINS = {
    *(
        "int",
        "str",
        "bool",
        "float",
        "bytes",
        "len",
        "isinstance",
        "issubclass",
        "hasattr",
        "callable",
        "repr",
        "id",
    ),
    *(
        "hash",
        "abs",
        "sum",
        "any",
        "all",
        "range",
        "open",
        "print",
        "input",
        "round",
        "ord",
        "chr",
        "object",
        "dir",
    ),
    *("bytearray", "complex", "memoryview", "slice", "format", "divmod", "pow", "bin", "hex", "oct", "ascii"),
}


def apply(
    program: Program, name: str, site: ast.AST, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    """What calling the external ``name`` at ``site`` gives."""
    special = _SPECIAL.get(name)
    if special is not None and isinstance(site, ast.Call):
        return special(program, site, scope, frame, shape)
    first = shape.positional[0] if shape.positional else None
    if name in _FIRST:
        return program.argument(first) if first is not None else ANYTHING
    if not isinstance(site, ast.Call) or not program.is_known_external(name):
        return _foreign(program, name, Site.of(site, scope, frame))
    last = name.rpartition(".")[2]
    if (
        last in _LISTING
        or last in _SECOND_LISTING
        or name in ("builtins.map", "itertools.repeat", "itertools.starmap")
    ):
        return frozenset({Container("list", Site.of(site, scope, frame))})
    if last in ("zip", "enumerate", "zip_longest", "product", "pairwise"):
        return frozenset({Container("list", Site.of(site, scope, frame))})
    if last in _DICTIONARIES:
        return frozenset({Container("dict", Site.of(site, scope, frame))})
    if last in _PICKING:
        return _picked(program, shape)
    if name.startswith("builtins."):
        return ELSE if last in _PLAIN_BUILTINS else _foreign(program, name, Site.of(site, scope, frame))
    return _foreign(program, name, Site.of(site, scope, frame))


def _foreign(program: Program, name: str, site: Site) -> Value:
    """A class by its capital makes an instance; a function of a module that keeps no objects, something else."""
    last = name.rpartition(".")[2]
    if program.is_plugin_base_name(name) or program.is_runner_name(name):
        return frozenset({Instance(name, site)})
    if last[:1].isupper():
        return frozenset({Instance(name, site)})
    if program.is_known_external(name) and name.partition(".")[0] not in _TRANSPARENT_MODULES:
        return ELSE
    return ANYTHING


def _picked(program: Program, shape: Shape) -> Value:
    values = [program.argument(argument) for argument in shape.positional]
    default = [program.argument(argument) for name, argument in shape.keywords if name == "default"]
    if len(values) == 1 or values and all(isinstance(atom, Container) for atom in values[0]):
        values[0] = program.iterate(values[0])
    return program.join(values + default) or ANYTHING


def elements(program: Program, node: ast.Call, which: object, scope: Scope, frame: Frame | None) -> Value:
    """What is in the container that the external call ``node`` makes."""
    shape = shape_of(node, scope, frame)
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [program.argument(argument) for argument in shape.positional]
    named = dict(shape.keywords)
    if "initializer" in named or name in _DICTIONARIES:
        return _dictionary(program, node, name, given, named, which)
    if name in ("zip", "zip_longest", "product", "pairwise"):
        return frozenset({Container("tuple", None, tuple(program.iterate(value) for value in given), True)})
    if name == "enumerate":
        return frozenset(
            {Container("tuple", None, (ELSE, program.iterate(given[0]) if given else ANYTHING), True)}
        )
    if name in ("map", "starmap"):
        return _mapped(program, node, shape, given, scope, frame)
    if name == "from_iterable":
        return program.iterate(program.iterate(given[0])) if given else ANYTHING
    if name == "chain":
        return program.join(program.iterate(value) for value in given)
    if name == "gather":
        return program.join(
            program.iterate(program.argument(a)) if a.spread else program.argument(a)
            for a in shape.positional
        )
    if name == "repeat":
        return given[0] if given else ANYTHING
    if name in _SECOND_LISTING:
        return program.iterate(given[1]) if len(given) > 1 else ANYTHING
    if not given:
        return NOTHING
    if name in ("iter", "aiter") and len(given) == 2:
        return program.call_value(given[0], node, scope, frame)
    return program.iterate(given[0])


def _dictionary(
    program: Program, node: ast.Call, name: str, given: list[Value], named: dict[str, Argument], which: object
) -> Value:
    found: set[Atom] = set()
    for keyword, argument in named.items():
        if which == "keys":
            found.add(Text(keyword))
        elif not isinstance(which, tuple) or which[1] == keyword:
            found |= program.argument(argument)
    if name == "defaultdict" and given:
        if which != "keys":
            scope = program.scope_of(node, next(iter(named.values()), None), node)
            found |= _default(program, given[0], node.args[0], scope)
        given = given[1:]
    for value in given:
        for atom in value:
            if isinstance(atom, Container) and atom.kind == "dict":
                found |= program.element(atom, which)
            else:
                pair = program.iterate(frozenset({atom}))
                found |= program.unpacked(pair, 0 if which == "keys" else 1)
    return frozenset(found)


def _default(program: Program, factory: Value, node: ast.expr, scope: Scope) -> Value:
    """What the factory of a ``defaultdict`` makes."""
    found: set[Atom] = set()
    for atom in factory:
        last = atom.name.rpartition(".")[2] if isinstance(atom, External) else ""
        if last in _LISTING or last in _DICTIONARIES:
            found.add(Container("dict" if last in _DICTIONARIES else "list", Site.of(node, scope, None)))
        else:
            found |= program.call_value(frozenset({atom}), node, scope, None)
    return frozenset(found)


def _mapped(
    program: Program, node: ast.Call, shape: Shape, given: list[Value], scope: Scope, frame: Frame | None
) -> Value:
    path = (("element", None),)
    inner = Shape(
        tuple(Argument(a.node, a.scope, a.frame, (*a.path, *path)) for a in shape.positional[1:]), ()
    )
    if not given:
        return ANYTHING
    return program.join(program.apply(atom, node, scope, frame, inner) for atom in given[0])


def method(program: Program, owner: Instance, name: str, shape: Shape) -> Value:
    """What method ``name`` of an external object gives."""
    first = program.argument(shape.positional[0]) if shape.positional else None
    if name in _FIRST_METHODS and first is not None:
        return program.enter(first) if name.startswith("enter") else first
    if name == "submit" and first is not None and shape.positional:
        site = shape.positional[0]
        rest = shape.without(1)
        return program.join(program.apply(a, site.node, site.scope, site.frame, rest) for a in first)
    if name in ("result", "get") and isinstance(owner.cls, str) and not program.is_known_external(owner.cls):
        return ANYTHING
    return ANYTHING


Special = Callable[["Program", ast.Call, Scope, Union[Frame, None], Shape], Value]


def _cast(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) < 2:
        return ANYTHING
    declared = annotations.instance(program, node.args[0], scope, frame)
    return annotations.reconcile(program, declared, program.argument(shape.positional[1]))


def _getattr(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) < 2:
        return ANYTHING
    names = folding.strings(program.evaluate(node.args[1], scope, frame))
    if not names:
        return ANYTHING
    owner = program.argument(shape.positional[0])
    found = program.join(program.attribute(owner, name) for name in names)
    return found | (program.argument(shape.positional[2]) if len(shape.positional) > 2 else NOTHING)


def _type(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) != 1:
        return ANYTHING
    found: set[Atom] = set()
    for atom in program.argument(shape.positional[0]):
        if isinstance(atom, Instance):
            found.add(ClassRef(atom.cls, True, atom.arguments))
        elif isinstance(atom, Sourced) and atom.role == "plugin":
            found.add(Sourced(atom.node, atom.named, "plugin class"))
        else:
            found |= ANYTHING
    return frozenset(found)


def _vars(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    owner = program.argument(shape.positional[0]) if shape.positional else NOTHING
    return frozenset(Method(atom, "__dict__") for atom in owner) or ANYTHING


def _partial(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return frozenset({Partial(Site.of(node, scope, frame))}) if node.args else ANYTHING


def _getter(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return frozenset({Getter(Site.of(node, scope, frame))}) if node.args else ANYTHING


def _super(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    method_scope = scope.method
    owner = method_scope.class_scope if method_scope is not None else None
    if owner is None:
        return ANYTHING
    cls = program.class_of(owner)
    if len(node.args) == 2:
        found: set[Atom] = set()
        for atom in program.evaluate(node.args[0], scope, frame):
            for receiver in program.evaluate(node.args[1], scope, frame):
                if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
                    if isinstance(receiver, (Instance, ClassRef)):
                        found.add(Super(atom.cls, receiver))
        return frozenset(found) or ANYTHING
    receiver_frame = frame if frame is not None and frame.scope is method_scope else None
    if receiver_frame is not None and isinstance(receiver_frame.receiver, (Instance, ClassRef)):
        return frozenset({Super(cls, receiver_frame.receiver)})
    return frozenset({Super(cls, Instance(cls))})


def _type_variable(
    program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    return frozenset({TypeExpression(node, scope)})


def _new_type(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) != 2:
        return ANYTHING
    return program.evaluate(node.args[1], scope, frame)


def _to_thread(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    callee = program.argument(shape.positional[0]) if shape.positional else NOTHING
    rest = shape.without(1)
    return program.join(program.apply(atom, node, scope, frame, rest) for atom in callee) or ANYTHING


def _wraps(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return ANYTHING


def _reduce(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return ANYTHING


def _none(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return JUST_NONE


_SPECIAL: dict[str, Special] = {
    "typing.cast": _cast,
    "typing_extensions.cast": _cast,
    "builtins.getattr": _getattr,
    "inspect.getattr_static": _getattr,
    "builtins.type": _type,
    "builtins.vars": _vars,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "operator.methodcaller": _getter,
    "operator.attrgetter": _getter,
    "builtins.super": _super,
    "typing.TypeVar": _type_variable,
    "typing_extensions.TypeVar": _type_variable,
    "typing.NewType": _new_type,
    "typing_extensions.NewType": _new_type,
    "asyncio.to_thread": _to_thread,
    "functools.wraps": _wraps,
    "functools.reduce": _reduce,
    "builtins.setattr": _none,
    "builtins.print": _none,
}
