"""What calls into the standard library (and look-alikes elsewhere) give back: only what can pass a value on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import container_classes, models, obtaining, records
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    JUST_NONE,
    NOTHING,
    Atom,
    Container,
    Instance,
    Site,
    Text,
    Typed,
    Value,
)
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of
from phase12_lint.values.specials import SPECIAL

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_FIRST_METHODS = {
    "run_until_complete",
    "enter_context",
    "enter_async_context",
    "push",
    "wrap_future",
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
    if name in models.FIELDS or name in models.FACTORIES:
        return models.of_field(program, name, shape)
    if name in models.LOOPS:
        return frozenset({Instance("asyncio.AbstractEventLoop", Site.of(site, scope, frame))})
    if name in models.PROVIDERS and shape.positional:
        factory = shape.positional[0]
        made = models.product(program, program.argument(factory), factory)
        return frozenset({Typed(made)})
    if name in _HANDING_ON:
        first = program.argument(shape.positional[0]) if shape.positional else ANYTHING
        return _handed_on(program, name, first, Site.of(site, scope, frame))
    if not isinstance(site, ast.Call) or not program.governed.is_known_external(name):
        return _foreign(program, name, Site.of(site, scope, frame))
    last = name.rpartition(".")[2]
    if last in models.LISTS:
        return frozenset({Container("list", Site.of(site, scope, frame))})
    if last in models.DICTIONARIES:
        return frozenset({Container("dict", Site.of(site, scope, frame))})
    if last in models.PICKING:
        return _picked(program, shape)
    if name == "builtins.dict.fromkeys":
        values = program.argument(shape.positional[1]) if len(shape.positional) > 1 else JUST_NONE
        keys = program.iterate(program.argument(shape.positional[0])) if shape.positional else NOTHING
        return frozenset({Container("dict", None, (keys, values))})
    if name.startswith("builtins."):
        return ELSE if last in _PLAIN_BUILTINS else _foreign(program, name, Site.of(site, scope, frame))
    return _foreign(program, name, Site.of(site, scope, frame))


_HANDING_ON = (
    models.FIRST
    | models.TASKS
    | models.WAITING
    | models.REFERENCES
    | models.HOLDERS
    | records.CHANGING
    | records.TABLES
    | records.TUPLES
)


def _handed_on(program: Program, name: str, first: Value, site: Site) -> Value:
    """What comes of the ``first`` argument of a function that is known by its whole name."""
    if name in records.CHANGING:
        return records.changed(program, first, site)
    if name in records.TABLES:
        return records.tables(site)
    if name in records.TUPLES:
        return records.tuples(program, first) or ANYTHING
    if name in models.TASKS:
        return task(program, first)
    if name in models.WAITING:
        return program.awaited(first)
    if name in models.REFERENCES:
        return frozenset({Typed(first)})
    return frozenset({Container("list", None, (first,))}) if name in models.HOLDERS else first


def task(program: Program, value: Value) -> Value:
    """Something that gives what ``value`` does when it is waited for."""
    return frozenset({Container("future", None, (program.awaited(value),))})


def _foreign(program: Program, name: str, site: Site) -> Value:
    """A class by its capital makes an instance; a function of a module that keeps no objects, something else."""
    last = name.rpartition(".")[2]
    if program.governed.is_plugin_base_name(name) or program.governed.is_runner_name(name):
        return frozenset({Instance(name, site)})
    if last[:1].isupper() or name in models.CLASSES:
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
    fields = records.in_table(program, node, which, scope, frame)
    if fields is not None:
        return fields
    shape = shape_of(node, scope, frame)
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    base = container_classes.base_made_by(program, node, scope, frame)
    if base is not None:
        filled = container_classes.filled_with(program, base.cls, node, scope, frame)
        name, shape = (base.name, filled) if filled is not None else ("", shape)
    given = [
        program.iterate(program.argument(argument))
        if base and argument.spread
        else program.argument(argument)
        for argument in shape.positional
    ]
    named = dict(shape.keywords)
    if name in models.DICTIONARIES:
        return _dictionary(program, node, scope, frame, given, named, which)
    made = models.LISTS.get(name)
    return (
        made(models.Made(program, node, scope, frame, shape, given, which)) if made is not None else NOTHING
    )


def _dictionary(
    program: Program,
    node: ast.Call,
    scope: Scope,
    frame: Frame | None,
    given: list[Value],
    named: dict[str, Argument],
    which: object,
) -> Value:
    found: set[Atom] = set()
    for keyword, argument in named.items():
        if not keyword:
            tables = (atom for atom in program.argument(argument) if isinstance(atom, Container))
            found |= program.join(program.element(atom, which) for atom in tables)
        elif which == "keys":
            found.add(Text(keyword))
        elif not isinstance(which, tuple) or which[1] == keyword:
            found |= program.argument(argument)
    if getattr(node.func, "attr", getattr(node.func, "id", "")) == "defaultdict" and given:
        if which != "keys":
            found |= models.product(program, given[0], Argument(node.args[0], scope, frame))
        given = given[1:]
    for value in given:
        for atom in value:
            if isinstance(atom, Container) and atom.kind == "dict":
                found |= program.element(atom, which)
            else:
                pair = program.iterate(frozenset({atom}))
                found |= program.unpacked(pair, 0 if which == "keys" else 1)
    return frozenset(found)


def _called(program: Program, shape: Shape) -> Value:
    """What calling the first argument with the others gives."""
    site = shape.positional[0]
    functions = program.argument(site)
    rest = shape.without(1)
    return program.join(program.apply(a, site.node, site.scope, site.frame, rest) for a in functions)


def method(program: Program, owner: Instance, name: str, shape: Shape) -> Value:
    """What method ``name`` of an external object gives."""
    if obtaining.obtains(owner, name):
        return obtaining.obtained(owner, name, [program.argument(each) for each in shape.positional])
    first = program.argument(shape.positional[0]) if shape.positional else None
    if name in ("create_task", "start_soon") and first is not None:
        return task(program, first)
    if name == "run_in_executor" and len(shape.positional) > 1:
        return task(program, _called(program, shape.without(1)))
    if name in _FIRST_METHODS and first is not None:
        return program.enter(first) if name.startswith("enter") else program.awaited(first)
    if name == "submit" and shape.positional:
        return frozenset({Container("future", None, (_called(program, shape),))})
    if name in ("map", "imap", "imap_unordered") and first is not None:
        return frozenset({Container("list", None, (models.mapped_over(program, shape, first),))})
    if (
        name in ("result", "get")
        and isinstance(owner.cls, str)
        and not program.governed.is_known_external(owner.cls)
    ):
        return ANYTHING
    return ANYTHING
