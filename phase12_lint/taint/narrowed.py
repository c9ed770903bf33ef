"""What a test of its type leaves of an expression that may be a caught exception, or its text."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import replace

from phase12_lint.syntax.scopes import Refined
from phase12_lint.taint.domain import RAW, Holding, Holdings, Kind
from phase12_lint.taint.handlers import Catch, Caught, caught_by, either, is_below
from phase12_lint.values.atoms import Atom, ClassRef, External
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.narrowing import classes_compared
from phase12_lint.values.program import Program

_NAMED_SO = re.compile(
    r"Err|Exception|Warning|Exit|Interrupt|Timeout|Abort|Failure|Cancel|Iteration|^Throwable$"
)
_OF_TEXTS = re.compile(r"builtins\.(?:str|object)|(?:collections\.abc|typing)\..*")
_NARROWED = RAW | {Kind.PERHAPS}
_NONE_CAUGHT: Caught = (Catch.NOTHING, Catch.NOTHING)


def left_by_test(program: Program, found: Holdings, refined: Refined, frame: Frame | None) -> Holdings:
    """``found`` where ``isinstance`` or a class pattern came out as ``refined`` says."""
    if not any(each.kind in _NARROWED and not each.way for each in found):
        return found
    classes = _classes(program, refined, frame)
    if not classes:
        return found
    left = [each for each in found if _is_left(program, each, classes, refined.positive)]
    return frozenset(map(_as_exception, left) if refined.positive else left)


def _as_exception(each: Holding) -> Holding:
    return replace(each, kind=Kind.EXCEPTION) if each.kind is Kind.PERHAPS and not each.way else each


def _classes(program: Program, refined: Refined, frame: Frame | None) -> list[Atom]:
    """The classes that are compared with; none if one is not known, or the test asks something else."""
    node = refined.test.operand
    if refined.test.kind == "pattern":
        node = node.pattern if isinstance(node, ast.MatchAs) else node
        if not isinstance(node, ast.MatchClass) or (
            not refined.positive and (node.patterns or node.kwd_patterns)
        ):
            return []
        node = node.cls
    elif refined.test.kind != "isinstance":
        return []
    classes = classes_compared(program, node, refined.scope, frame) if isinstance(node, ast.expr) else []
    return classes if all(isinstance(each, (ClassRef, External)) for each in classes) else []


def _is_left(program: Program, each: Holding, classes: list[Atom], positive: bool) -> bool:
    if each.way or each.kind not in _NARROWED:
        return True
    if each.kind is Kind.TEXT:
        fits = [_OF_TEXTS.fullmatch(_name(cls)) is not None for cls in classes]
        return any(fits) if positive else not any(_name(cls) == "builtins.str" for cls in classes)
    if positive:
        return any(_may_be_exception(program, cls) for cls in classes)
    return not _covers(program, classes, each)


def _name(cls: Atom) -> str:
    name = cls.name if isinstance(cls, External) else getattr(cls, "cls", "")
    return name if isinstance(name, str) else ""


def _may_be_exception(program: Program, cls: Atom) -> bool:
    if isinstance(cls, ClassRef) and isinstance(cls.cls, ClassInfo):
        return any(_is_named_so(base) for base in cls.cls.ancestors(program) if isinstance(base, str))
    return _is_named_so(_name(cls))


def _is_named_so(name: str) -> bool:
    """Whether the foreign class ``name`` is an exception, by what Python has or by its name."""
    last = name.rpartition(".")[2]
    known = getattr(builtins, last, None) if name.startswith("builtins.") else None
    if isinstance(known, type):
        return issubclass(known, BaseException) or known is object
    return _NAMED_SO.search(last) is not None


def _covers(program: Program, classes: list[Atom], each: Holding) -> bool:
    """Whether all that the handler of ``each`` catches is of one of ``classes``."""
    compared = either(_sort(program, cls) for cls in classes)
    handler = each.origin
    if not isinstance(handler, ast.ExceptHandler):
        return compared[0] is Catch.ALL
    caught = caught_by(program, handler.type, each.where, None)
    if all(compared[sort] is Catch.ALL or caught[sort] is Catch.NOTHING for sort in (0, 1)):
        return True
    if handler.type is None:
        return False
    sorts = classes_compared(program, handler.type, each.where, None)
    return bool(sorts) and all(any(_is_below(program, sort, cls) for cls in classes) for sort in sorts)


def _sort(program: Program, cls: Atom) -> Caught:
    name = _name(cls)
    if name in ("builtins.BaseException", "builtins.object"):
        return (Catch.ALL, Catch.ALL)
    return (Catch.ALL, Catch.NOTHING) if name == "builtins.Exception" else _NONE_CAUGHT


def _is_below(program: Program, one: Atom, other: Atom) -> bool:
    below, above = (each.cls if isinstance(each, ClassRef) else _name(each) for each in (one, other))
    return bool(below) and bool(above) and is_below(program, below, above)
