"""Where the program mentions a function so that it may be called there: by name, on a receiver, or by reflection."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.survey import folding
from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.frames import Frame
from phase12_lint.survey.loads import name_loads
from phase12_lint.survey.ordering import frame_order
from phase12_lint.survey.parameters import decorators
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.uses import decorated_places
from phase12_lint.survey.values import Atom, ClassRef, External, Function, Instance, Super, Value

_PROPERTIES = {"property", "cached_property"}
_SPECIAL = {"__init__", "__new__", "__call__"}


class Mention(NamedTuple):
    """An expression that is the function; ``receiver`` what it is taken from. ``calls`` if to read it is to call it.

    ``taken`` is the scope that took the function before it came here, if another one did.
    """

    node: ast.expr
    scope: Scope
    frame: Frame | None = None
    receiver: Atom | None = None
    calls: bool = False
    taken: Scope | None = None


def mentions(program: Program, target: Scope) -> Iterator[Mention]:
    """Every mention of the function ``target``."""
    outer = target.parent
    assert outer is not None
    if isinstance(target.node, ast.Lambda):
        yield Mention(target.node, outer)
        return
    for place in decorated_places(program, target):
        yield Mention(place.node, place.scope, place.frame, taken=target)
    if outer.kind == "class":
        yield from _of_method(program, target, program.class_of(outer))
    for place in name_loads(program, outer, target.name, target.node):
        yield Mention(place.node, place.scope, place.frame)


def _of_method(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    if target.name in _SPECIAL or program.is_setter(target):
        for frame in sorted(program.ask(("frames", target)), key=frame_order):
            if isinstance(frame.site, ast.expr) and frame.shape.where is not None:
                yield Mention(frame.site, frame.shape.where, frame.caller, frame.receiver, True)
        if target.name != "__call__":
            return
    is_property = not _PROPERTIES.isdisjoint(decorators(target))
    for module in program.project.modules_reading(target.name):
        for load in module.loads.get(target.name, ()):
            if isinstance(load, ast.Attribute):
                scope = module.scopes[load]
                receiver = receiver_of(program, program.evaluate(load.value, scope), cls, target)
                if receiver is not None:
                    yield Mention(load, scope, None, receiver, is_property)
    yield from _reflected(program, target, cls)


def receiver_of(program: Program, value: Value, cls: ClassInfo, target: Scope) -> Atom | None:
    """What in ``value`` has ``target``, a method of ``cls``, under its name; an unknown value has nothing."""
    found: list[Atom] = []
    for atom in value:
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            method = program.method(atom, target.name)
            if method is not None and method.scope is target:
                return atom
            if program.is_subclass(cls, atom.cls) or _stands_for(program, atom.cls, cls, target.name):
                found.append(atom)
        elif isinstance(atom, Super):
            taken = program.attribute(frozenset({atom}), target.name)
            if any(isinstance(each, Function) and each.scope is target for each in taken):
                return atom
    return found[0] if found else None


def _stands_for(program: Program, protocol: ClassInfo, cls: ClassInfo, name: str) -> bool:
    """Whether ``protocol`` is a ``Protocol`` with that method and ``cls`` has all that it asks for."""
    if protocol.method(name) is None or not program.governed.is_protocol(protocol):
        return False
    asked = [scope.name for scope in protocol.scope.children if scope.is_function]
    return all(program.method(Instance(cls), each) is not None for each in asked)


def _reflected(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    """``getattr(x, "run")``."""
    for call, owner, scope in taken_by_name(program, (target.name,)):
        receiver = receiver_of(program, program.evaluate(owner, scope), cls, target)
        if receiver is not None:
            yield Mention(call, scope, None, receiver)


def taken_by_name(
    program: Program, names: tuple[str, ...], by: str = "getattr"
) -> Iterator[tuple[ast.Call, ast.expr, Scope]]:
    """Each ``getattr`` (or ``setattr``) of one of ``names``, with the object whose attribute that is.

    A file is only read if it has such a call that does not spell some other name.
    """
    spelled = "|".join(map(re.escape, names))
    other = rf"""\(\s*[\w.]+\s*,\s*(["'])(?!(?:{spelled})\1)\w+\1\s*[,)]"""
    wanted = re.compile(rf"\b{by}\b(?!{other})".encode())
    texts = program.project.texts()
    for path in program.project.files_with(by):
        module = program.project.module(path) if wanted.search(texts[path]) else None
        if module is None:
            continue
        for load in module.loads.get(by, ()):
            call = module.parents.get(load)
            if not isinstance(call, ast.Call) or call.func is not load or len(call.args) < 2:
                continue
            scope = module.scopes[load]
            if External(f"builtins.{by}") in program.evaluate(load, scope) and not set(names).isdisjoint(
                folding.strings(program.evaluate(call.args[1], scope))
            ):
                yield call, call.args[0], scope
