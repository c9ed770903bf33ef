"""One mention of a function, and whether what a mention is taken from has that function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from phase12_lint.calls.layer_code import calls_within
from phase12_lint.calls.layers import layers_of
from phase12_lint.calls.surroundings import refers_to_the_governed_program
from phase12_lint.syntax.arity import takes, takes_arguments
from phase12_lint.syntax.scopes import Assigned, Param, Scope, bases, last_name
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import super_lines
from phase12_lint.values.atoms import (
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Method,
    Super,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape
from phase12_lint.values.handing import arguments_behind
from phase12_lint.values.injection import injecting
from phase12_lint.values.program import Program

COUNTS_BY_NAME = re.compile(r"(?:run|execute|analyze|submit)\w*")
_WORD = re.compile(r"[A-Z][a-z]+")
_MOST_ORIGINS = 12
_CONTEXTS = ("flask.g.", "flask.current_app.", "quart.g.", "quart.current_app.")
_COMMON = {"service", "management", "manager"}


class Mention(NamedTuple):
    """An expression that is the function; ``receiver`` what it is taken from. ``calls`` if to read it is to call it.

    ``taken`` is the scope that took the function before it came here, if another one did; ``wraps`` if a decorator
    has it here.
    """

    node: ast.expr
    scope: Scope
    frame: Frame | None = None
    receiver: Atom | None = None
    calls: bool = False
    taken: Scope | None = None
    wraps: bool = False


def receiver_of(
    program: Program, value: Value, cls: ClassInfo, target: Scope, is_self: bool = False
) -> Atom | None:
    """What in ``value`` has ``target``, a method of ``cls``, under its name; an unknown value has nothing.

    What is declared as something wider (a class above ``cls``, a protocol) has it unless everything that is known to
    arrive there is something else; of the choke point such a thing must arrive, or be ``self``.
    """
    wide: list[Instance | ClassRef] = []
    known: list[Instance | ClassRef] = []
    for atom in value:
        if isinstance(atom, (Instance, ClassRef)):
            method = program.method(atom, target.name)
            if method is not None and method.scope is target:
                return atom
            if method is None and (handed := _handed_through(program, atom, target)) is not None:
                return handed
            is_wide = isinstance(atom.cls, ClassInfo) and _is_wider(program, atom.cls, cls, target.name)
            (wide if is_wide else known).append(atom)
        elif isinstance(atom, Super) and target in super_lines.methods(program, atom, target.name):
            return atom
    if not wide or (program.governed.is_runner_class(cls) and not is_self):
        return None
    return None if any(_arrives(program, atom, wide, target.name) for atom in known) else wide[0]


def _handed_through(program: Program, atom: Instance | ClassRef, target: Scope) -> Atom | None:
    """The object of which the ``__getattr__`` of ``atom`` gives the method ``target``, or a function that calls it."""
    getter = program.method(atom, "__getattr__") if isinstance(atom, Instance) else None
    if getter is None:
        return None
    given = program.attribute(frozenset({atom}), target.name)
    found = [each for each in given if isinstance(each, Function)]
    for each in [each for each in found if each.scope.parent is getter.scope]:
        frame = program.call_frame(each, each.scope.node, Shape((), ()), None)
        called = (program.evaluate(call.func, each.scope, frame) for call in calls_within(each.scope))
        found += [inner for value in called for inner in value if isinstance(inner, Function)]
    return next((each.receiver for each in found if each.scope is target), None)


def _is_wider(program: Program, declared: ClassInfo, cls: ClassInfo, name: str) -> bool:
    return program.is_subclass(cls, declared) or _stands_for(program, declared, cls, name)


def _arrives(
    program: Program, atom: Instance | ClassRef, wide: Sequence[Instance | ClassRef], name: str
) -> bool:
    """Whether ``atom`` is what arrives in a place that is declared so, and no other member of a union."""
    if any(program.is_subclass(atom.cls, each.cls) for each in wide) or isinstance(atom.cls, str):
        return True
    return program.method(atom, name) is not None


def receiver_by_name(
    program: Program, load: ast.Attribute, scope: Scope, cls: ClassInfo, target: Scope
) -> Atom | None:
    """An instance of the layer's class ``cls`` where nothing is known of what ``load`` is taken from.

    In code that refers to the governed program a method counts by its name, if its owner is called after the layer,
    here or where it comes from (``request.app.state.analysis``, ``Depends(get_analysis)``), and it could be called so.
    """
    if COUNTS_BY_NAME.fullmatch(target.name) is None or layers_of(program).of_class(cls) is None:
        return None
    if not refers_to_the_governed_program(program, scope.module):
        return None
    names = _origins(program, load.value, scope)
    if not any(is_called_after(each, cls.name) for each in names if not _is_called_plugin(program, each)):
        return None
    if not is_unresolved(program, program.evaluate(load.value, scope)):
        return None
    return Instance(cls) if _fits(load, scope, target) else None


def _fits(load: ast.Attribute, scope: Scope, target: Scope) -> bool:
    """Whether ``target`` takes what ``load`` is called with, right there or where it is handed over."""
    call = scope.module.parents.get(load)
    if not isinstance(call, ast.Call):
        return True
    if call.func is load:
        return takes(target, call)
    given = arguments_behind(call, load, scope)
    if given is None or any(argument.spread for argument in given.positional):
        return True
    return takes_arguments(target, len(given.positional), [name for name, _ in given.keywords])


def _origins(program: Program, node: ast.expr, scope: Scope) -> Iterator[ast.AST]:
    """``node``, and what it was made from: what a name or an attribute was assigned or is injected from, what a
    function returned, what a name of a table stands under.
    """
    pending: list[tuple[ast.expr, Scope]] = [(node, scope)]
    for number, (each, where) in enumerate(pending):
        yield each
        if isinstance(each, (ast.Await, ast.NamedExpr)):
            pending.append((each.value, where))
        elif isinstance(each, ast.Subscript):
            pending.append((each.slice, where))
        elif isinstance(each, ast.Call):
            pending += [(part, where) for part in (each.func, *each.args)]
        elif number < _MOST_ORIGINS and isinstance(each, (ast.Name, ast.Attribute)):
            pending += _sources(program, each, where)


def _sources(
    program: Program, node: ast.Name | ast.Attribute, scope: Scope
) -> Iterator[tuple[ast.expr, Scope]]:
    for atom in program.evaluate(node, scope):
        if isinstance(atom, Function):
            yield from ((each, atom.scope) for each in atom.scope.module.bound(atom.scope).returns)
    scope.module.bound(scope)
    found = list(bases(scope.module.definitions.get(node, ())))
    for atom in program.evaluate(node.value, scope) if isinstance(node, ast.Attribute) else ():
        if isinstance(node, ast.Attribute) and isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
            found += atom.cls.members(node.attr)
            for store, where in atom.cls.writes().get(node.attr, ()):
                source = source_of(where, store)
                if source is not None and not source[1]:
                    yield source[0], where
    for definition in found:
        if isinstance(definition, Assigned) and definition.value is not None and not definition.path:
            yield definition.value, definition.scope
        elif isinstance(definition, Param):
            yield from injecting(program, definition)


def is_open(value: Value) -> bool:
    """Whether nothing is known of a value."""
    return all(atom is UNKNOWN or (isinstance(atom, Container) and atom.kind == "any") for atom in value)


def is_unresolved(program: Program, value: Value) -> bool:
    """Whether nothing is known of a value, or only that it is kept on an object of a library: ``request.app.state``."""
    return all(is_open(frozenset({atom})) or _is_kept_outside(program, atom) for atom in value)


def _is_kept_outside(program: Program, atom: Atom) -> bool:
    if isinstance(atom, External):
        return atom.name.startswith(_CONTEXTS)
    if not isinstance(atom, Method):
        return False
    while isinstance(atom, Method):
        atom = atom.owner
    name = atom.cls if isinstance(atom, Instance) else getattr(atom, "name", None)
    return isinstance(name, str) and not program.governed.is_known_external(name)


def _is_called_plugin(program: Program, node: ast.AST) -> bool:
    return "plugin" in program.governed.roles_of_name(last_name(node) or "")


def is_called_after(node: ast.AST, layer: str) -> bool:
    """Whether ``node`` has a word of the layer's name in its own: ``self._jobs`` of ``JobManagementService``; of what
    is no service, the last: ``self.runner`` of ``ToolRunner``."""
    every = [word.lower() for word in _WORD.findall(layer)]
    words = set(every) - _COMMON
    if words == set(every):
        words = set(every[-1:])
    written = node.value if isinstance(node, ast.Constant) else last_name(node)
    parts = written.removesuffix("[]").lower().split("_") if isinstance(written, str) else []
    return any(part in words or part.rstrip("s") in words for part in parts)


def _stands_for(program: Program, protocol: ClassInfo, cls: ClassInfo, name: str) -> bool:
    """Whether ``protocol`` is a ``Protocol`` with that method, no plugin's, and ``cls`` has all that it asks for."""
    if protocol.method(name) is None or not program.governed.is_protocol(protocol):
        return False
    if program.governed.is_plugin_class(protocol):
        return False
    return all(
        _answers(scope, program.method(Instance(cls), scope.name))
        for scope in protocol.scope.children
        if scope.is_function
    )


def _answers(asked: Scope, method: Function | None) -> bool:
    """Whether ``method`` takes at least as many arguments as ``asked`` names, and demands no more."""
    if method is None:
        return False
    demanded = [len(_positional(scope, True)) for scope in (asked, method.scope)]
    taken = [len(_positional(scope, False)) for scope in (asked, method.scope)]
    takes_more = any(param.kind == "star" for param in method.scope.module.bound(method.scope).params)
    return demanded[1] <= taken[0] and (taken[1] >= demanded[0] or takes_more)


def _positional(scope: Scope, demanded: bool) -> list[Param]:
    params = scope.module.bound(scope).params
    return [p for p in params if p.kind == "positional" and (p.default is None or not demanded)]
