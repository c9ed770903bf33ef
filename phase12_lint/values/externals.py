"""What calls into the standard library (and look-alikes elsewhere) give back: only what can pass a value on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    NOTHING,
    Atom,
    Container,
    External,
    Instance,
    Site,
    Text,
    Value,
)
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of
from phase12_lint.values.specials import SPECIAL

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

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
        "typing.assert_type",
        "inspect.unwrap",
        "importlib.reload",
    ),
    *(
        "dataclasses.replace",
        "typing.no_type_check",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
        "builtins.staticmethod",
    ),
}
_HOLDING = {"contextlib.closing", "contextlib.nullcontext", "contextlib.aclosing"}
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
    *("WeakSet", "OrderedSet", "as_completed", "shuffle", "Queue", "LifoQueue"),
    *("SimpleQueue", "PriorityQueue", "chain", "from_iterable", "gather"),
}
_SECOND_LISTING = {"filter", "takewhile", "dropwhile", "filterfalse", "nlargest", "nsmallest"}
_PICKING = {"next", "anext", "max", "min", "choice", "heappop"}
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
    special = SPECIAL.get(name)
    if special is not None and isinstance(site, ast.Call):
        return special(program, site, scope, frame, shape)
    first = shape.positional[0] if shape.positional else None
    if name in _FIRST:
        return program.argument(first) if first is not None else ANYTHING
    if name in _HOLDING and first is not None:
        return frozenset({Container("list", None, (program.argument(first),))})
    if not isinstance(site, ast.Call) or not program.governed.is_known_external(name):
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
    if name == "builtins.dict.fromkeys":
        values = program.argument(shape.positional[1]) if len(shape.positional) > 1 else JUST_NONE
        keys = program.iterate(program.argument(shape.positional[0])) if shape.positional else NOTHING
        return frozenset({Container("dict", None, (keys, values))})
    if name.startswith("builtins."):
        return ELSE if last in _PLAIN_BUILTINS else _foreign(program, name, Site.of(site, scope, frame))
    return _foreign(program, name, Site.of(site, scope, frame))


def _foreign(program: Program, name: str, site: Site) -> Value:
    """A class by its capital makes an instance; a function of a module that keeps no objects, something else."""
    last = name.rpartition(".")[2]
    if program.governed.is_plugin_base_name(name) or program.governed.is_runner_name(name):
        return frozenset({Instance(name, site)})
    if last[:1].isupper():
        return frozenset({Instance(name, site)})
    if program.governed.is_known_external(name) and name.partition(".")[0] not in _TRANSPARENT_MODULES:
        return ELSE
    return ANYTHING


def _picked(program: Program, shape: Shape) -> Value:
    values = [program.argument(argument) for argument in shape.positional]
    default = [program.argument(argument) for name, argument in shape.keywords if name == "default"]
    if len(values) == 1 or (values and all(isinstance(atom, Container) for atom in values[0])):
        values[0] = program.iterate(values[0])
    return program.join(values + default) or ANYTHING


def elements(program: Program, node: ast.Call, which: object, scope: Scope, frame: Frame | None) -> Value:
    """What is in the container that the external call ``node`` makes."""
    shape = shape_of(node, scope, frame)
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [program.argument(argument) for argument in shape.positional]
    named = dict(shape.keywords)
    if "initializer" in named or name in _DICTIONARIES:
        return _dictionary(program, node, scope, given, named, which)
    if name in ("zip", "zip_longest", "product", "pairwise"):
        return frozenset({Container("tuple", None, tuple(program.iterate(value) for value in given), True)})
    if name == "enumerate":
        return frozenset(
            {Container("tuple", None, (ELSE, program.iterate(given[0]) if given else ANYTHING), True)}
        )
    if name in ("map", "starmap"):
        return _mapped(program, node, shape, given)
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
    program: Program,
    node: ast.Call,
    scope: Scope,
    given: list[Value],
    named: dict[str, Argument],
    which: object,
) -> Value:
    found: set[Atom] = set()
    for keyword, argument in named.items():
        if which == "keys":
            found.add(Text(keyword))
        elif not isinstance(which, tuple) or which[1] == keyword:
            found |= program.argument(argument)
    if getattr(node.func, "attr", getattr(node.func, "id", "")) == "defaultdict" and given:
        if which != "keys":
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


def _mapped_over(program: Program, shape: Shape, functions: Value) -> Value:
    """What calling ``functions`` on each element of the arguments behind the first gives."""
    site = shape.positional[0]
    rest = tuple(
        Argument(a.node, a.scope, a.frame, (*a.path, ("element", None))) for a in shape.positional[1:]
    )
    return program.join(
        program.apply(atom, site.node, site.scope, site.frame, Shape(rest, ())) for atom in functions
    )


def _mapped(program: Program, node: ast.Call, shape: Shape, given: list[Value]) -> Value:
    return _mapped_over(program, shape, given[0]) if given else ANYTHING


def method(program: Program, owner: Instance, name: str, shape: Shape) -> Value:
    """What method ``name`` of an external object gives."""
    first = program.argument(shape.positional[0]) if shape.positional else None
    if name in _FIRST_METHODS and first is not None:
        return program.enter(first) if name.startswith("enter") else first
    if name == "submit" and first is not None and shape.positional:
        site = shape.positional[0]
        rest = shape.without(1)
        made = program.join(program.apply(a, site.node, site.scope, site.frame, rest) for a in first)
        return frozenset({Container("future", None, (made,))})
    if name in ("map", "imap", "imap_unordered") and first is not None:
        return frozenset({Container("list", None, (_mapped_over(program, shape, first),))})
    if (
        name in ("result", "get")
        and isinstance(owner.cls, str)
        and not program.governed.is_known_external(owner.cls)
    ):
        return ANYTHING
    return ANYTHING
