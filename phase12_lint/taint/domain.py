"""What an expression can hold that matters to error handling: exceptions, and the two halves of a governed result.

A holding is reached from the expression by a way of keys and positions, outermost first; None is any of them.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from phase12_lint.syntax.marks import mark
from phase12_lint.syntax.scopes import Scope

ERROR_KEY, INTERNAL_KEY = "error", "_internal"
ERROR_FIELDS = frozenset({"error", "envelope", "failure", "problem", "err"})
RESULT_FIELDS = frozenset({"result", "value", "data", "output"})
Step = str | int | None
LONGEST_WAY = 4
_PAIR = 2


class Kind(Enum):
    """What is held."""

    def __hash__(self) -> int:
        return mark(self.value)

    EXCEPTION = "an exception"
    TEXT = "the text of an exception"
    PERHAPS = "an exception or what would have been given in its place"
    RESULT = "the result of a governed call"
    ENVELOPE = "an envelope"
    ERROR = "the error object of an envelope"
    INTERNAL = "the internal part of an envelope"


RAW = frozenset({Kind.EXCEPTION, Kind.TEXT})
OF_AN_ERROR = frozenset({Kind.ENVELOPE, Kind.ERROR, Kind.INTERNAL})
_PARTLESS = frozenset({Kind.ENVELOPE, Kind.RESULT})


@dataclass(frozen=True, slots=True)
class Holding:
    """``kind`` of thing that came into being at ``origin`` (a handler, a parameter, a call) in ``where``, at ``way``.

    ``stored`` if it lay in an attribute of an object in between.
    """

    kind: Kind
    origin: ast.AST
    where: Scope
    way: tuple[Step, ...] = ()
    stored: bool = False

    def __hash__(self) -> int:
        return mark(self.kind.value, self.origin, str(self.way))


Holdings = frozenset[Holding]
NONE_HELD: Holdings = frozenset()


def envelope(origin: ast.AST, where: Scope) -> Holdings:
    """What an envelope made at ``origin`` holds."""
    return frozenset(
        {
            Holding(Kind.ENVELOPE, origin, where),
            Holding(Kind.ERROR, origin, where, (ERROR_KEY,)),
            Holding(Kind.INTERNAL, origin, where, (INTERNAL_KEY,)),
        }
    )


def result(origin: ast.AST, where: Scope) -> Holdings:
    """What a governed call gives that raises the error: the result."""
    return frozenset({Holding(Kind.RESULT, origin, where)})


def pair(origin: ast.AST, where: Scope) -> Holdings:
    """What a governed call gives: a result and an envelope."""
    return under(result(origin, where), 0) | under(envelope(origin, where), 1)


def opened_pair(origin: ast.AST, where: Scope) -> Holdings:
    """What a governed call gives that has taken the error object out of the envelope."""
    kept = frozenset(each for each in pair(origin, where) if each.kind in _PARTLESS)
    return kept | {Holding(Kind.ERROR, origin, where, (1,))}


def whole(origin: ast.AST, where: Scope) -> Holdings:
    """What a governed call gives that returns the envelope in place of the result."""
    return result(origin, where) | envelope(origin, where)


def under(held: Holdings, step: Step) -> Holdings:
    """``held``, put into a container at ``step``."""
    return frozenset(replace(each, way=(step, *each.way)[:LONGEST_WAY]) for each in held)


def taken(held: Holdings, step: Step) -> Holdings:
    """What ``step`` takes out of something that holds ``held``. A part of an exception or an error is one still."""
    found = set()
    for each in held:
        if each.way:
            if fits(each.way[0], step):
                found.add(replace(each, way=each.way[1:]))
        elif each.kind not in _PARTLESS:
            found.add(each)
    return frozenset(found)


def iterated(held: Holdings) -> Holdings:
    """What a loop over the container gives: of a dict its keys, which hold nothing."""
    return taken(frozenset(each for each in held if not (each.way and isinstance(each.way[0], str))), None)


def entered(held: Holdings) -> Holdings:
    """What ``with`` gives of an object, which is itself, or of a generator, which is what it yields."""
    given = frozenset(each for each in held if each.way and each.way[0] is None)
    return (held - given) | taken(given, None)


def rest(held: Holdings, first: int) -> Holdings:
    """What ``*rest`` takes, from position ``first`` on."""
    kept = frozenset(each for each in held if not each.way or not _is_before(each.way[0], first))
    return under(taken(kept, None), None)


def _is_before(step: Step, first: int) -> bool:
    return isinstance(step, int) and step < first


def fits(known: Step, wanted: Step) -> bool:
    """Whether two steps may be the same; positions from the end, and names for positions, are those of a pair."""
    if known is None or wanted is None or known == wanted:
        return True
    if isinstance(known, int) and isinstance(wanted, int) and wanted < 0:
        return known >= _PAIR or known - _PAIR == wanted
    if isinstance(known, int) and isinstance(wanted, str):
        return wanted in (RESULT_FIELDS, ERROR_FIELDS)[known] if known < _PAIR else False
    return False


def without(held: Holdings, keys: Iterable[str]) -> Holdings:
    """``held`` after ``keys`` have been taken out of the container."""
    gone = set(keys)
    return frozenset(each for each in held if not (each.way and each.way[0] in gone))


def as_text(held: Holdings) -> Holdings:
    """``held`` written out into one text; a part that is written out is the whole of what the text holds."""
    return frozenset(
        replace(each, kind=Kind.TEXT if each.kind is Kind.EXCEPTION else each.kind, way=()) for each in held
    )


def merged(held: Holdings) -> Holdings:
    """``held`` of a dict that becomes part of another: a result among other keys is no longer bare."""
    return frozenset(each for each in held if each.way or each.kind is not Kind.RESULT)


def renamed(held: Holdings, origins: Container[ast.AST], origin: ast.AST, where: Scope) -> Holdings:
    """``held``, with what comes from one of ``origins`` ascribed to ``origin``."""
    return frozenset(
        replace(each, origin=origin, where=where) if each.origin in origins else each for each in held
    )


def stored(held: Holdings) -> Holdings:
    """``held``, taken out of an attribute that was set some time before."""
    return frozenset(replace(each, stored=True) for each in held)


def join(parts: Iterable[Holdings]) -> Holdings:
    """All of ``parts``."""
    found: set[Holding] = set()
    for part in parts:
        found |= part
    return frozenset(found)
