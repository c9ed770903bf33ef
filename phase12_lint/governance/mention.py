"""One mention of a function, and whether what a mention is taken from has that function."""

from __future__ import annotations

import ast
from typing import NamedTuple

from phase12_lint.survey.classes import ClassInfo
from phase12_lint.survey.frames import Frame
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.values import Atom, ClassRef, Function, Instance, Super, Value


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
