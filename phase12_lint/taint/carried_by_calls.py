"""What a call holds: through functions and classes of the program, text, containers, responses and the builder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.calls.policy_calls import calls_one_of
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.syntax.stores import source_of
from phase12_lint.taint import exceptions
from phase12_lint.taint.domain import (
    NONE_HELD,
    RAW,
    Holdings,
    as_text,
    envelope,
    iterated,
    join,
    merged,
    opened_pair,
    pair,
    renamed,
    result,
    taken,
    under,
    whole,
)
from phase12_lint.taint.result_pairs import gives_pair
from phase12_lint.values import folding, handing, partials
from phase12_lint.values.atoms import Atom, ClassRef, External, Function, Instance, Partial, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape, parameter, shape_of
from phase12_lint.values.parameters import is_run_of_plugin

if TYPE_CHECKING:
    from phase12_lint.taint.carried import Held

_WRITING_OUT = {
    *("builtins.str", "builtins.repr", "builtins.ascii", "builtins.format", "builtins.bytes"),
    *("traceback.format_exception", "traceback.format_exception_only", "traceback.format_tb"),
    *("traceback.format_list", "traceback.extract_tb", "traceback.TracebackException.from_exception"),
    *(
        "html.escape",
        "pprint.pformat",
        "textwrap.shorten",
        "textwrap.dedent",
        "textwrap.indent",
        "textwrap.fill",
    ),
    *("reprlib.repr", "urllib.parse.quote", "traceback.TracebackException", "shlex.quote"),
}
_WRITING_OUT_NAMED = {"dumps", "escape", "render_template_string", "escape_html"}
_KEEPING = {
    *(
        "builtins.dict",
        "builtins.list",
        "builtins.tuple",
        "builtins.set",
        "builtins.sorted",
        "builtins.reversed",
    ),
    *(
        "builtins.iter",
        "builtins.frozenset",
        "builtins.filter",
        "builtins.next",
        "copy.copy",
        "copy.deepcopy",
    ),
    *(
        "dataclasses.asdict",
        "dataclasses.replace",
        "typing.cast",
        "types.MappingProxyType",
        "types.SimpleNamespace",
    ),
    *("asyncio.wait_for", "asyncio.shield", "asyncio.create_task", "asyncio.ensure_future", "asyncio.run"),
    *("collections.OrderedDict", "collections.ChainMap", "itertools.chain", "builtins.max", "builtins.min"),
}
_ANSWERING = {
    *(
        "jsonify",
        "make_response",
        "json_response",
        "jsonable_encoder",
        "render_template",
        "abort",
        "redirect",
    ),
    *("Response", "send_error", "json", "html", "text"),
}
_CALLING = {
    "to_thread",
    "run_in_threadpool",
    "run_in_executor",
    "submit",
    "run_sync",
    "map",
    "starmap",
    "imap",
}
_FIRST_OF = {"get", "pop", "setdefault", "__getitem__", "popleft", "get_nowait", "popitem"}
_TEMPLATES = {"format", "format_map", "join", "replace", "substitute", "safe_substitute"}


def call(held: Held, node: ast.Call, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    """What ``node`` gives."""
    if gives_pair(held.program, held.pairs, node, scope, frame):
        gives = whole if node in held.wholes else opened_pair if node in held.opened else pair
        return gives(node, scope)
    if node in held.alone:
        return result(node, scope)
    program = held.program
    if calls_one_of(program, node, scope, frame, program.policy.envelope_builders):
        return envelope(node, scope)
    callee = program.evaluate(node.func, scope, frame)
    shape = shape_of(node, scope, frame)
    found = join(_applied(held, atom, node, shape, scope, frame) for atom in callee)
    if node in held.helpers:
        found = renamed(found, held.pairs, node, scope)
    if isinstance(node.func, ast.Attribute) and not any(isinstance(a, Function) for a in callee):
        found |= _method(held, node, node.func, scope, frame)
    if not _is_resolved(callee):
        found |= _by_name(held, node, scope, frame)
    return found | _handed_over(held, node, callee, scope, frame)


def _is_resolved(callee: Value) -> bool:
    return any(isinstance(atom, (Function, ClassRef, External)) for atom in callee)


def _applied(
    held: Held, atom: Atom, node: ast.Call, shape: Shape, scope: Scope, frame: Frame | None
) -> Holdings:
    if isinstance(atom, Partial):
        behind = partials.behind(held.program, atom)
        return join(_applied(held, each, node, shape.after(first), scope, frame) for each, first in behind)
    if isinstance(atom, Instance):
        method = held.program.method(atom, "__call__")
        return _of_function(held, method, node, shape, frame) if method is not None else NONE_HELD
    if isinstance(atom, Function):
        return _of_function(held, atom, node, shape, frame)
    if isinstance(atom, ClassRef):
        return _constructed(held, atom, node, shape, frame)
    if isinstance(atom, External):
        return _of_external(held, atom.name, node, scope, shape)
    return NONE_HELD


def _of_function(held: Held, atom: Function, site: ast.AST, shape: Shape, frame: Frame | None) -> Holdings:
    """What the function returns under this call; of judged code only what came in, for it answers for the rest.

    A call that brings nothing in gives what any such call gives, which is found once. What a plugin gives is its own.
    """
    if is_run_of_plugin(held.program, atom.scope):
        return NONE_HELD
    own = _own(held, atom) if atom.closure is None or held.is_judged(atom.scope) else NONE_HELD
    if atom.closure is None and not _brings_in(held, site, shape, frame):
        if own and held.answers_for(atom.scope, own):
            return NONE_HELD
        called = _given_functions(held, atom, site, shape, frame) if own else None
        return own if called is None else held.returned(atom.scope, called)
    called = held.program.call_frame(atom, site, shape, frame)
    if called is None:
        return NONE_HELD
    found = held.returned(atom.scope, called)
    return _beside(found, own) if own and held.answers_for(atom.scope, own) else found


def _given_functions(
    held: Held, atom: Function, site: ast.AST, shape: Shape, frame: Frame | None
) -> Frame | None:
    """The call, if it is given functions of the program: then it gives what these do, and not what others do that are
    given in other calls.
    """
    called = held.program.call_frame(atom, site, shape, frame)
    given = (each for arguments in called.bound.values() for each in arguments) if called is not None else ()
    return called if any(handing.is_function(held.program, each) for each in given) else None


def _own(held: Held, atom: Function) -> Holdings:
    """What comes into being in the function itself; of a method, as the object that it is called on runs it."""
    receiver = atom.receiver
    if isinstance(receiver, (Instance, ClassRef)) and isinstance(receiver.cls, ClassInfo):
        return held.returned(atom.scope, held.program.receiver_frame(receiver, atom.scope))
    return held.returned(atom.scope, None)


def _beside(found: Holdings, own: Holdings) -> Holdings:
    """What came in, where a function answers for ``own``: no exception if it is found to return one of its own."""
    is_raw = any(each.kind in RAW for each in own)
    return frozenset(each for each in found - own if not (is_raw and each.kind in RAW))


def _brings_in(held: Held, site: ast.AST, shape: Shape, frame: Frame | None) -> bool:
    """Whether an argument, or what the method is called on, holds anything."""
    if any(held.argument(argument) for argument in shape.positional):
        return True
    if any(held.argument(argument) for _, argument in shape.keywords):
        return True
    if isinstance(site, ast.Call) and isinstance(site.func, ast.Attribute) and shape.where is not None:
        return bool(held.of(site.func.value, shape.where, frame))
    return False


def _constructed(held: Held, atom: ClassRef, site: ast.AST, shape: Shape, frame: Frame | None) -> Holdings:
    """An object holds what its fields are given, or what its constructor keeps and passes on to its base."""
    if not isinstance(atom.cls, ClassInfo):
        return _arguments(held, shape, [])
    init = held.program.method(Instance(atom.cls), "__init__")
    if init is None:
        return _arguments(held, shape, atom.cls.fields(held.program) or [])
    called = held.program.call_frame(init, site, shape, frame)
    if called is None:
        return NONE_HELD
    parts = []
    for node in nodes_within(init.scope):
        if isinstance(node, ast.Call) and last_name(node.func) == "__init__":
            parts.append(_arguments(held, shape_of(node, init.scope, called), []))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            source = source_of(init.scope, node)
            if source is not None:
                parts.append(under(held.along(*source, init.scope, called), node.attr))
    return join(parts)


def _arguments(held: Held, shape: Shape, names: list[str]) -> Holdings:
    parts = []
    for position, argument in enumerate(shape.positional):
        given = held.argument(argument)
        if argument.spread and names:
            parts += [under(taken(given, index), name) for index, name in enumerate(names[position:])]
        elif argument.spread:
            parts.append(iterated(given))
        else:
            parts.append(under(given, names[position] if position < len(names) else None))
    for key, argument in shape.keywords:
        given = held.argument(argument)
        parts.append(under(given, key) if key else merged(given))
    return join(parts)


def _of_external(held: Held, name: str, node: ast.Call, where: Scope, shape: Shape) -> Holdings:
    last = name.rpartition(".")[2]
    found = exceptions.current(name, node, where)
    if found:
        return found
    if name in _WRITING_OUT or last in _WRITING_OUT_NAMED:
        return as_text(_arguments(held, shape, []))
    if name in _KEEPING:
        return join(held.argument(argument) for argument in shape.positional[:2]) | _keywords(held, shape)
    if name in ("asyncio.gather", "builtins.zip"):
        return _gathered(held, shape) | exceptions.given_back(name, node, where)
    if name == "builtins.enumerate" and shape.positional:
        return under(under(iterated(held.argument(shape.positional[0])), 1), None)
    if name == "builtins.getattr" and len(shape.positional) > 1:
        return _attribute_named(held, *shape.positional)
    if name == "builtins.map" and len(shape.positional) > 1:
        return _mapped(held, node, shape)
    if last[:1].isupper() or last in _ANSWERING:
        return _arguments(held, shape, [])
    return NONE_HELD


def _keywords(held: Held, shape: Shape) -> Holdings:
    return join(
        under(held.argument(argument), key) if key else merged(held.argument(argument))
        for key, argument in shape.keywords
    )


def _gathered(held: Held, shape: Shape) -> Holdings:
    spread = any(argument.spread for argument in shape.positional)
    return join(
        under(iterated(held.argument(a)) if a.spread else held.argument(a), None if spread else position)
        for position, a in enumerate(shape.positional)
    )


def _attribute_named(held: Held, owner: Argument, named: Argument, *default: Argument) -> Holdings:
    """``getattr(exc, "message", str(exc))``: the attribute, or what is given for the case that there is none."""
    found = join(held.argument(each) for each in default)
    value = held.program.argument(owner)
    for name in folding.strings(held.program.argument(named)):
        found |= held.attribute_of(held.argument(owner), value, name)
    return found


def _mapped(held: Held, node: ast.Call, shape: Shape) -> Holdings:
    """``map(str, xs)`` and the like; functions of the program are followed where they are handed over."""
    first = shape.positional[0]
    for atom in held.program.argument(first):
        if isinstance(atom, External) and atom.name in _WRITING_OUT:
            return under(as_text(iterated(held.argument(shape.positional[1]))), None)
    return NONE_HELD


def _method(held: Held, node: ast.Call, func: ast.Attribute, scope: Scope, frame: Frame | None) -> Holdings:
    """A method of what holds something, or of a constant text that is given it."""
    owner, name = held.of(func.value, scope, frame), func.attr
    if not owner:
        return _into_template(held, node, func, scope, frame)
    found = exceptions.method(owner, name) | _of_own_class(held, node, func, scope, frame)
    inside = frozenset(each for each in owner if each.way)
    if name in _FIRST_OF:
        steps = list(held.steps(node.args[0], scope, frame, owner)) if node.args else [None]
        found |= join(taken(inside, step) for step in steps)
        found |= join(held.of(argument, scope, frame) for argument in node.args[1:])
    elif name == "values":
        found |= under(taken(inside, None), None)
    elif name == "items":
        found |= under(under(taken(inside, None), 1), None)
    return found


def _of_own_class(
    held: Held, node: ast.Call, func: ast.Attribute, scope: Scope, frame: Frame | None
) -> Holdings:
    """A method that the class of a caught exception defines."""
    found = NONE_HELD
    for cls in caught_classes(held, func.value, scope, frame):
        function = held.program.method(Instance(cls), func.attr)
        if function is not None:
            found |= _of_function(held, function, node, shape_of(node, scope, frame), frame)
    return found


def caught_classes(held: Held, node: ast.expr, scope: Scope, frame: Frame | None) -> Iterator[ClassInfo]:
    """The classes of the program that the caught exception ``node`` may be of."""
    if not isinstance(node, ast.Name):
        return
    for definition in scope.module.definitions.get(node, ()):
        handler = definition.node
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None:
            items = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            for item in items:
                for atom in held.program.evaluate(item, definition.scope, frame):
                    if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
                        yield atom.cls


def _into_template(
    held: Held, node: ast.Call, func: ast.Attribute, scope: Scope, frame: Frame | None
) -> Holdings:
    if func.attr not in _TEMPLATES:
        return NONE_HELD
    return as_text(_arguments(held, shape_of(node, scope, frame), []))


def _by_name(held: Held, node: ast.Call, scope: Scope, frame: Frame | None) -> Holdings:
    """A callee that cannot be resolved is taken for a class or a maker of responses by its name alone."""
    name = last_name(node.func) or ""
    if name[:1].isupper() or name in _ANSWERING:
        return _arguments(held, shape_of(node, scope, frame), [])
    if name in _WRITING_OUT_NAMED:
        return as_text(_arguments(held, shape_of(node, scope, frame), []))
    return NONE_HELD


def _handed_over(held: Held, node: ast.Call, callee: Value, scope: Scope, frame: Frame | None) -> Holdings:
    """``await to_thread(describe, exc)``: what the function that is handed over gives."""
    name = last_name(node.func)
    if name not in _CALLING:
        return NONE_HELD
    parts = []
    for called in handing.handed_frames(held.program, node, callee, scope, frame):
        inner = held.returned(called.scope, called)
        own = held.returned(called.scope, None)
        if own and held.answers_for(called.scope, own):
            inner = _beside(inner, own)
        parts.append(under(inner, None) if name in ("map", "starmap", "imap") else inner)
    return join(parts)


def put_by_callee(held: Held, node: ast.Call, given: ast.expr, scope: Scope, frame: Frame | None) -> Holdings:
    """What the function that ``node`` calls puts into ``given``, one of its arguments."""
    parts = []
    for atom in handing.callee(held.program, node, scope, frame):
        if isinstance(atom, Function) and not is_run_of_plugin(held.program, atom.scope):
            inner = atom.scope.module.bound(atom.scope)
            if not any(any(True for _ in held.additions.to(param.node, inner)) for param in inner.params):
                continue
            called = held.program.call_frame(atom, node, shape_of(node, scope, frame), frame)
            for name, arguments in called.bound.items() if called is not None else ():
                param = parameter(inner, name)
                if param is not None and any(argument.node is given for argument in arguments):
                    parts.append(held.added(param.node, inner, called, None))
    return join(parts)
