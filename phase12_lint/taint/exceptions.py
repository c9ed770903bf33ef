"""Caught exceptions: where one comes from, and what of it still is the exception, its text or its traceback."""

from __future__ import annotations

import ast
from dataclasses import replace

from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import NONE_HELD, Holding, Holdings, Kind, fits, taken, under

_SOURCES = {"traceback.format_exc", "sys.exception"}
_INFO = "sys.exc_info"
_EXCEPTIONS_IN = {"args", "exceptions", "__cause__", "__context__", "__traceback__"}
_TEXTS_IN = {"message", "msg", "strerror", "__notes__"}
_TELLING_NOTHING = {
    *(
        "startswith",
        "endswith",
        "find",
        "rfind",
        "index",
        "count",
        "isdigit",
        "isalpha",
        "isspace",
        "isupper",
    ),
    *("islower", "isnumeric", "isalnum", "isidentifier", "isdecimal", "isascii", "istitle", "isprintable"),
}
_OF_AN_OBJECT = {
    "model_dump",
    "model_dump_json",
    "dict",
    "json",
    "_asdict",
    "asdict",
    "to_dict",
    "copy",
    "result",
}


def caught(origin: ast.AST, where: Scope) -> Holdings:
    """The exception that the handler or parameter ``origin`` receives."""
    return frozenset({Holding(Kind.EXCEPTION, origin, where)})


def current(name: str, call: ast.Call, where: Scope) -> Holdings:
    """What the external function ``name`` tells of the exception that is being handled."""
    if name == _INFO:
        held = caught(call, where)
        return under(held, 1) | under(held, 2)
    if name == "sys.exception":
        return caught(call, where)
    return frozenset({Holding(Kind.TEXT, call, where)}) if name in _SOURCES else NONE_HELD


def attribute(held: Holdings, name: str) -> Holdings:
    """What attribute ``name`` of something that holds ``held`` still holds of an exception or an error."""
    found: set[Holding] = set()
    for each in held:
        if each.way:
            if each.way[0] is not None and fits(each.way[0], name):
                found |= taken(frozenset({each}), name)
        elif each.kind is Kind.EXCEPTION and name in _EXCEPTIONS_IN:
            found.add(each)
        elif each.kind is Kind.EXCEPTION and name in _TEXTS_IN:
            found.add(replace(each, kind=Kind.TEXT))
        elif each.kind in (Kind.ERROR, Kind.INTERNAL):
            found.add(each)
    return frozenset(found)


def method(held: Holdings, name: str) -> Holdings:
    """What calling method ``name`` of an exception, a text or an object (no container) gives of ``held``."""
    found = set()
    for each in held:
        if each.way:
            if name in _OF_AN_OBJECT:
                found.add(each)
        elif each.kind is Kind.EXCEPTION:
            if name == "with_traceback":
                found.add(each)
            elif name in ("__str__", "__repr__", "__format__"):
                found.add(replace(each, kind=Kind.TEXT))
        elif name not in _TELLING_NOTHING:
            found.add(each)
    return frozenset(found)


def returns_exceptions(call: ast.Call) -> bool:
    """Whether ``call``, of ``gather``, gives back the exceptions of what it waits for."""
    said = (each.value for each in call.keywords if each.arg == "return_exceptions")
    return any(isinstance(each, ast.Constant) and each.value is True for each in said)


def given_back(name: str, call: ast.Call, where: Scope) -> Holdings:
    """What of exceptions is among the results of ``call``."""
    if name != "asyncio.gather" or not returns_exceptions(call):
        return NONE_HELD
    return frozenset({Holding(Kind.PERHAPS, call, where, (None,))})
