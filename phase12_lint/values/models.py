"""What functions of Python's library, and of a few others, do with their arguments: one line each.

Functions that hand something on are known by their whole names; what makes a container, of whatever module of the
library, by its last name, with what is in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.values import narrowing
from phase12_lint.values.atoms import ANYTHING, ELSE, NOTHING, Atom, Container, External, Site, Value
from phase12_lint.values.frames import Argument, Shape

if TYPE_CHECKING:
    from phase12_lint.syntax.modules import Module
    from phase12_lint.syntax.scopes import Scope
    from phase12_lint.values.frames import Frame
    from phase12_lint.values.program import Program

FIRST = {
    *("copy.copy", "copy.deepcopy", "weakref.proxy", "inspect.unwrap", "typing.assert_type"),
    *(
        "importlib.reload",
        "typing.no_type_check",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
    ),
    *("builtins.staticmethod", "builtins.compile", "enum.member"),
    *("asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync"),
    *(f"{module}.{name}" for module in ("pickle", "cloudpickle", "dill") for name in ("dumps", "loads")),
}
"""Give their first argument; what is compiled is known by its text."""

TASKS = {
    *("asyncio.create_task", "asyncio.ensure_future", "asyncio.shield", "asyncio.run_coroutine_threadsafe"),
}
"""Give something that gives what their first argument gives, when it is waited for."""

WAITING = {"asyncio.wait_for", "asyncio.run"}
"""Give what their first argument gives when it is waited for."""

REFERENCES = {"weakref.ref", "weakref.ReferenceType", "weakref.WeakMethod"}
REFERENCES |= {"dependency_injector.providers.Object"}
"""Give something that gives their first argument when it is called."""

HOLDERS = {"contextlib.closing", "contextlib.nullcontext", "contextlib.aclosing"}
"""Give something that gives their first argument when it is entered."""

DICTIONARIES = {
    *("dict", "OrderedDict", "defaultdict", "ChainMap", "MappingProxyType", "Counter"),
    *("WeakValueDictionary", "WeakKeyDictionary", "UserDict"),
}
"""Make a dictionary of what is in the dictionaries, or pairs, that they are given."""

SUPPLYING = {"click.make_pass_decorator", "click.decorators.make_pass_decorator"}
"""Make a decorator that gives, as the first argument, an object of the class that they are given."""

CLASSES = {"threading.local", "blinker.signal", "shelve.open", "re.compile"} | SUPPLYING
"""Classes, though their names are written small, and what else makes an object that is known by its making."""

MADE_BY_METHODS = {
    "blinker.Namespace.signal": "blinker.NamedSignal",
    "argparse.ArgumentParser.parse_args": "argparse.Namespace",
}
"""Methods that make an object, and of which class."""

CHANNELS = {
    *("anyio.create_memory_object_stream", "trio.open_memory_channel", "multiprocessing.Pipe"),
    "multiprocessing.connection.Pipe",
}
"""Make two ends of what holds what is sent into one of them."""

LOOPS = {f"asyncio.{name}" for name in ("new_event_loop", "get_event_loop", "get_running_loop")}
"""Give an event loop."""

CALLING = {
    *("asyncio.to_thread", "anyio.run", "anyio.to_thread.run_sync", "anyio.from_thread.run"),
    *("anyio.from_thread.run_sync", "trio.run", "trio.to_thread.run_sync", "trio.from_thread.run"),
    *("starlette.concurrency.run_in_threadpool", "fastapi.concurrency.run_in_threadpool"),
}
"""Give what calling their first argument with the others gives."""

PROVIDERS = {
    f"dependency_injector.providers.{name}"
    for name in (
        *("Factory", "Singleton", "ThreadSafeSingleton", "ThreadLocalSingleton", "ContextLocalSingleton"),
        *("Callable", "Coroutine", "Resource"),
    )
}
"""Give something that gives what their first argument makes when it is called."""

PROXIES = {
    *("werkzeug.local.LocalProxy", "django.utils.functional.SimpleLazyObject", "celery.local.Proxy"),
    *("lazy_object_proxy.Proxy", "wrapt.LazyObjectProxy"),
}
"""Stand for what their first argument gives when it is called, or for what is in a variable of a context."""

PICKING = {"next", "anext", "max", "min", "choice", "heappop"}
"""Give an element of their first argument."""


_LOOKING_BUILTINS = {
    *("callable", "hasattr", "isinstance", "issubclass", "id", "hash", "repr", "str", "print", "bool"),
    *("dir", "type", "vars", "len", "int", "float", "range"),
}
_LOOKING_ELSEWHERE = re.compile(
    r"(?:get_)?(?:\w+_)?type_hints|(?:get_)?(?:\w+_)?signature|is_?(?:\w+_)?(?:async|coroutine|callable|generator)\w*"
    r"|get_(?:\w+_)?(?:args|arguments|arg_?spec|param(?:eter)?s|annotations|docs?(?:tring)?|source)"
    r"|(?:accepts|takes|has)_\w+"
)
_COPYING = {
    "copy.copy",
    "copy.deepcopy",
    "copy.replace",
    "dataclasses.replace",
    "attr.evolve",
    "attrs.evolve",
}


def only_looks(name: str) -> bool:
    """Whether the foreign function ``name`` never calls what it is given: ``callable``, ``inspect``, a type's hints."""
    module, _, last = name.rpartition(".")
    if module == "builtins":
        return last in _LOOKING_BUILTINS
    if module == "inspect":
        return not last.startswith("getattr_static")
    return (
        name in ("functools.update_wrapper", "functools.wraps")
        or _LOOKING_ELSEWHERE.fullmatch(last) is not None
    )


def keeps(name: str) -> bool:
    """Whether the foreign function ``name`` only puts what it is given into something else, a copy."""
    return name in _COPYING


def copies(name: str) -> bool:
    """Whether the foreign function ``name`` makes a new container of what is in the one that it is given."""
    module, _, last = name.rpartition(".")
    return name in _COPYING or (module in ("builtins", "collections") and last != "ChainMap")


CHANGES = {"replace", "evolve", "_replace", "__replace__", "model_copy", "copy"}
"""Make an object of another one, which has its fields but for those that are given."""

FACTORY_KEYWORDS = {"default_factory", "factory"}

FACTORIES = {"attr.Factory", "attrs.Factory"}
"""Give what their first argument makes."""

FIELDS = {
    *("dataclasses.field", "attr.ib", "attr.attrib", "attr.field", "attrs.field", "msgspec.field"),
    *("pydantic.Field", "pydantic.fields.Field", "pydantic.PrivateAttr", "pydantic.fields.PrivateAttr"),
    *("sqlmodel.Field", "pydantic.v1.Field", "pydantic.v1.PrivateAttr"),
}
"""Stand for the value of a field: their ``default`` or first argument, or what a factory makes."""

VALIDATING = {"field_validator", "validator"}
"""Decorators of pydantic: what the function gives is what the fields are that they name."""


class Made(NamedTuple):
    """A call that makes a container: its arguments, and what those by position are."""

    program: Program
    node: ast.Call
    scope: Scope
    frame: Frame | None
    shape: Shape
    given: list[Value]
    which: object

    def elements(self, position: int = 0) -> Value:
        """What is in the argument at ``position``."""
        return self.program.iterate(self.given[position]) if position < len(self.given) else NOTHING


def _first(made: Made) -> Value:
    if made.given and len(made.given) == 2 and _last(made.node) in ("iter", "aiter"):
        return made.program.call_value(made.given[0], made.node, made.scope, made.frame)
    return made.elements()


def _second(made: Made) -> Value:
    return made.elements(1) if len(made.given) > 1 else ANYTHING


def _passing(made: Made) -> Value:
    return narrowing.filtered(made.program, _second(made), made.given[0], True) if made.given else ANYTHING


def _failing(made: Made) -> Value:
    return narrowing.filtered(made.program, _second(made), made.given[0], False) if made.given else ANYTHING


def _itself(made: Made) -> Value:
    return made.given[0] if made.given else ANYTHING


def _all(made: Made) -> Value:
    return made.program.join(map(made.elements, range(len(made.given))))


def _inner(made: Made) -> Value:
    return made.program.iterate(made.elements()) if made.given else ANYTHING


def _arguments(made: Made) -> Value:
    program, arguments = made.program, made.shape.positional
    if isinstance(made.which, int) and not any(argument.spread for argument in arguments):
        arguments = arguments[made.which :][:1]
    values = ((argument.spread, program.argument(argument)) for argument in arguments)
    given = (program.iterate(value) if spread else value for spread, value in values)
    return program.join(map(program.awaited, given))


def _tuple(*parts: Value) -> Value:
    return frozenset({Container("tuple", None, parts, True)})


def _list(part: Value) -> Value:
    return frozenset({Container("list", None, (part,))})


def _kept(made: Made) -> Value:
    """Of a variable of a context its default, beside what it is set to."""
    named = dict(made.shape.keywords)
    return made.program.argument(named["default"]) if "default" in named else NOTHING


def _aligned(made: Made) -> Value:
    if any(argument.spread for argument in made.shape.positional):
        rows = made.program.join(map(made.elements, range(len(made.given))))
        if isinstance(made.which, int):
            return _list(made.program.unpacked(rows, made.which))
        return _list(made.program.iterate(rows))
    return _tuple(*map(made.elements, range(len(made.given))))


def _numbered(made: Made) -> Value:
    return _tuple(ELSE, made.elements() if made.given else ANYTHING)


def _parts(made: Made) -> Value:
    return _list(made.elements())


def _groups(made: Made) -> Value:
    keys = [*made.shape.positional[1:2], *(value for name, value in made.shape.keywords if name == "key")]
    if not keys:
        return _tuple(made.elements(), _parts(made))
    over = Shape((made.shape.positional[0].element(),), ())
    functions = made.program.argument(keys[0])
    key = made.program.join(
        made.program.apply(atom, made.node, made.scope, made.frame, over) for atom in functions
    )
    return _tuple(key, _parts(made))


def _mapped(made: Made) -> Value:
    return mapped_over(made.program, made.shape, made.given[0]) if made.given else ANYTHING


def _star_mapped(made: Made) -> Value:
    return mapped_over(made.program, made.shape, made.given[0], True) if made.given else ANYTHING


def mapped_over(program: Program, shape: Shape, functions: Value, is_spread: bool = False) -> Value:
    """What calling ``functions`` on each element of the arguments behind the first gives."""
    site = shape.positional[0]
    rest = tuple(argument.element(is_spread) for argument in shape.positional[1:])
    return program.join(
        program.apply(atom, site.node, site.scope, site.frame, Shape(rest, ())) for atom in functions
    )


def of_field(program: Program, name: str, shape: Shape) -> Value:
    """The value of the field that the function ``name`` of ``FIELDS`` or ``FACTORIES`` stands for."""
    named = dict(shape.keywords)
    factories = [named[each] for each in sorted(FACTORY_KEYWORDS & named.keys())]
    first = [*shape.positional[:1], *([named["default"]] if "default" in named else [])]
    made = [*factories, *(first if name in FACTORIES else [])]
    found = [product(program, program.argument(each), each) for each in made]
    if name in FIELDS:
        found += map(program.argument, first)
    return program.join(found) or ANYTHING


def product(program: Program, factory: Value, given: Argument) -> Value:
    """What ``factory``, given as ``given``, makes when something of a library calls it."""
    node, scope, frame = given.node, given.scope, given.frame
    found: set[Atom] = set()
    for atom in factory:
        last = atom.name.rpartition(".")[2] if isinstance(atom, External) else ""
        if last in LISTS or last in DICTIONARIES:
            found.add(Container("dict" if last in DICTIONARIES else "list", Site.of(node, scope, frame)))
        else:
            found |= program.call_value(frozenset({atom}), node, scope, frame)
    return frozenset(found)


def factory_given(node: ast.AST, module: Module) -> tuple[ast.Call, bool] | None:
    """The call that is given ``node`` as a factory, and whether what it gives holds what that makes."""
    parent = module.parents.get(node)
    call = module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call):
        return None
    return next(((call, holds) for given, holds in factories_in(call) if given is node), None)


def factories_in(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    """The arguments of ``call`` that are factories, each with whether what it gives holds what they make."""
    last = _last(call)
    if last in ("defaultdict", "Factory") and call.args:
        yield call.args[0], last == "defaultdict"
    for keyword in call.keywords:
        if keyword.arg in FACTORY_KEYWORDS:
            yield keyword.value, False


def _last(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


LISTS: dict[str, Callable[[Made], Value]] = {
    **dict.fromkeys(("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "aiter"), _first),
    **dict.fromkeys(("deque", "islice", "cycle", "sample", "shuffle", "compress", "accumulate"), _first),
    **dict.fromkeys(("WeakSet", "OrderedSet", "UserList", "as_completed"), _first),
    **dict.fromkeys(("Queue", "LifoQueue", "SimpleQueue", "PriorityQueue", "JoinableQueue"), _first),
    **dict.fromkeys(("dropwhile", "nlargest", "nsmallest"), _second),
    **dict.fromkeys(("filter", "takewhile"), _passing),
    "filterfalse": _failing,
    **dict.fromkeys(("tee", "batched", "pairwise", "combinations", "permutations"), _parts),
    **dict.fromkeys(("combinations_with_replacement",), _parts),
    **dict.fromkeys(("zip", "zip_longest", "product"), _aligned),
    "map": _mapped,
    "starmap": _star_mapped,
    "ContextVar": _kept,
    "chain": _all,
    "from_iterable": _inner,
    "gather": _arguments,
    "repeat": _itself,
    "enumerate": _numbered,
    "groupby": _groups,
}
"""Make a list, or something that is iterated like one, of what the function of the line gives."""


_PASSING_ON = FIRST | TASKS | WAITING | HOLDERS | FIELDS | {"builtins.classmethod", "typing.cast"}


def passes_on(name: str) -> bool:
    """Whether the function of the whole name gives its first argument, or a container of what is in that."""
    last = name.rpartition(".")[2]
    return name in _PASSING_ON or last in DICTIONARIES or LISTS.get(last) in (_first, _all)
