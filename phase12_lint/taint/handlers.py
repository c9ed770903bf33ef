"""What a handler catches of an ``Exception``, and of what is a ``BaseException`` only."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from enum import IntEnum

from phase12_lint.syntax.before import known_tests, parts_of
from phase12_lint.syntax.conditions import condition_of
from phase12_lint.syntax.scopes import Scope, dotted
from phase12_lint.values.atoms import Atom, ClassRef, Container, External, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.narrowing import classes_compared
from phase12_lint.values.program import Program

_OF_BASE = {"asyncio.CancelledError", "asyncio.exceptions.CancelledError"}


class Catch(IntEnum):
    """How much of the exceptions of one sort is caught."""

    NOTHING = 0
    SOME = 1
    ALL = 2


Caught = tuple[Catch, Catch]  # of Exceptions, of those that are a BaseException only
Raised = frozenset["ClassInfo | str"]  # the classes, one of which an exception is of
EVERYTHING: Caught = (Catch.ALL, Catch.ALL)


def caught_by(program: Program, kind: ast.expr | None, scope: Scope, frame: Frame | None) -> Caught:
    """What ``except kind`` catches; all if ``kind`` is None."""
    if kind is None:
        return EVERYTHING
    if isinstance(kind, ast.Tuple):
        return either(
            caught_by(program, item.value if isinstance(item, ast.Starred) else item, scope, frame)
            for item in kind.elts
        )
    return either(_caught(program, atom) for atom in program.evaluate(kind, scope, frame))


def comes_to(program: Program, handler: ast.ExceptHandler, scope: Scope, frame: Frame | None) -> Caught:
    """What ``handler`` catches of what the handlers before it let through."""
    siblings: list[ast.ExceptHandler] = getattr(scope.module.parents.get(handler), "handlers", [handler])
    before = siblings[: siblings.index(handler)]
    earlier = [caught_by(program, each.type, scope, frame) for each in before]
    found = caught_by(program, handler.type, scope, frame)
    gone = [any(each[sort] is Catch.ALL for each in earlier) for sort in (0, 1)]
    return (Catch.NOTHING if gone[0] else found[0], Catch.NOTHING if gone[1] else found[1])


def still_caught(
    program: Program, handler: ast.ExceptHandler, node: ast.AST, scope: Scope, frame: Frame | None
) -> Caught:
    """What ``handler`` has caught wherever ``node`` in it is reached: ``isinstance`` may have ruled out the rest."""
    found = comes_to(program, handler, scope, frame)
    for whole, way in known_tests(scope, node, handler):
        for test, outcome in parts_of(whole, way):
            subject, condition, positive = condition_of(test)
            if subject is None or condition is None or condition.kind != "isinstance":
                continue
            if isinstance(condition.operand, ast.expr) and dotted(subject) == handler.name:
                classes = classes_compared(program, condition.operand, scope, frame)
                compared = either(_caught(program, atom) for atom in classes)
                found = _narrowed(found, compared, outcome is positive)
    return found


def _narrowed(found: Caught, compared: Caught, positive: bool) -> Caught:
    """What is left of ``found`` where it is of the classes ``compared``, or is not."""
    if positive:
        return (min(found[0], compared[0]), min(found[1], compared[1]))
    error, base = (Catch.NOTHING if other is Catch.ALL else one for one, other in zip(found, compared))
    return error, base


def either(parts: Iterable[Caught]) -> Caught:
    """What is caught where any of ``parts`` catches."""
    error, base = Catch.NOTHING, Catch.NOTHING
    for part in parts:
        error, base = max(error, part[0]), max(base, part[1])
    return error, base


def ways_of_raise(program: Program, exc: ast.expr, scope: Scope, frame: Frame | None) -> Caught:
    """Of which sort an exception is that ``raise exc`` raises."""
    return either(_caught(program, atom) for atom in program.evaluate(exc, scope, frame))


def classes_of(program: Program, value: Iterable[Atom]) -> Raised | None:
    """The classes of the exceptions ``value``, or that it names; None if one of them is not known."""
    found = {_class_of(each) for each in value}
    known = frozenset(each for each in found if each is not None and is_exception(program, each))
    return known if known and known == found else None


def _class_of(atom: Atom) -> ClassInfo | str | None:
    if isinstance(atom, External):
        return atom.name
    return atom.cls if isinstance(atom, (ClassRef, Instance)) else None


def catches(program: Program, classes: Sequence[Atom], raised: Raised) -> Catch:
    """What a handler for ``classes`` catches of what is of one of the classes ``raised``."""
    found = {max((_how(program, each, cls) for cls in classes), default=Catch.NOTHING) for each in raised}
    return found.pop() if len(found) == 1 else Catch.SOME


def _how(program: Program, raised: ClassInfo | str, cls: Atom) -> Catch:
    other = classes_of(program, [cls])
    if other is None:
        return Catch.SOME
    above = next(iter(other))
    if is_below(program, raised, above):
        return Catch.ALL
    line = raised.ancestors(program) if isinstance(raised, ClassInfo) else ()
    foreign = any(isinstance(each, str) and not each.startswith("builtins.") for each in line)
    return Catch.SOME if foreign or is_below(program, above, raised) else Catch.NOTHING


def is_below(program: Program, one: ClassInfo | str, other: ClassInfo | str) -> bool:
    """Whether the class ``one`` is ``other`` or below it, also among those of Python."""
    if program.is_subclass(one, other):
        return True
    if isinstance(other, ClassInfo):
        return False
    line = one.ancestors(program) if isinstance(one, ClassInfo) else (one,)
    wide = _builtin(other)
    return wide is not None and any(
        narrow is not None and issubclass(narrow, wide)
        for narrow in (_builtin(each) for each in line if isinstance(each, str))
    )


def _builtin(name: str) -> type | None:
    known = getattr(builtins, name.removeprefix("builtins."), None)
    return known if isinstance(known, type) else None


def _caught(program: Program, atom: Atom, within: frozenset[Atom] = frozenset()) -> Caught:
    if isinstance(atom, Container) and atom not in within:
        items = program.iterate(frozenset({atom}))
        return either(_caught(program, item, within | {atom}) for item in items)
    if isinstance(atom, External):
        return _by_name(atom.name)
    if isinstance(atom, (ClassRef, Instance)):
        if isinstance(atom.cls, str):
            return _by_name(atom.cls)
        return _of_class(program, atom.cls)
    return (Catch.SOME, Catch.SOME)


def _of_class(program: Program, cls: ClassInfo) -> Caught:
    names = [base for base in cls.ancestors(program) if isinstance(base, str)]
    if any(issubclass(known, Exception) for name in names if (known := _builtin(name)) is not None):
        return (Catch.SOME, Catch.NOTHING)
    parents = map(_by_name, names)
    if any(parent == (Catch.NOTHING, Catch.SOME) or parent == EVERYTHING for parent in parents):
        return (Catch.NOTHING, Catch.SOME)
    return (Catch.SOME, Catch.NOTHING)


def is_exception(program: Program, cls: ClassInfo | str) -> bool:
    """Whether ``cls`` is, or is below, an exception of Python's own."""
    names = (
        (each for each in cls.ancestors(program) if isinstance(each, str))
        if isinstance(cls, ClassInfo)
        else (cls,)
    )
    known = map(_builtin, names)
    return any(each is not None and issubclass(each, BaseException) for each in known)


def _by_name(name: str) -> Caught:
    last = name.removeprefix("builtins.")
    if last == "BaseException":
        return EVERYTHING
    if last == "Exception":
        return (Catch.ALL, Catch.NOTHING)
    if name in _OF_BASE:
        return (Catch.NOTHING, Catch.SOME)
    known = getattr(builtins, last, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return (Catch.SOME, Catch.NOTHING) if issubclass(known, Exception) else (Catch.NOTHING, Catch.SOME)
    return (Catch.SOME, Catch.NOTHING)
