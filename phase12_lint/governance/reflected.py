"""Attributes that are reached by their names as text: ``getattr``, ``setattr``, ``methodcaller``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from phase12_lint.survey import folding
from phase12_lint.survey.ordering import place_order
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope
from phase12_lint.survey.values import External

_SPELLED = r"""\(\s*[\w.]+\s*,\s*(["'])%s\1\s*[,)]"""


class Reflected(NamedTuple):
    """A call of ``getattr`` or ``setattr`` on ``owner``, and the names that its attribute may have."""

    call: ast.Call
    owner: ast.expr
    scope: Scope
    names: frozenset[str]


_OF_PROGRAM: WeakKeyDictionary[Program, dict[tuple[str, str], list[Reflected]]] = WeakKeyDictionary()


def taken_by_name(
    program: Program, names: tuple[str, ...], by: str = "getattr"
) -> Iterator[tuple[ast.Call, ast.expr, Scope]]:
    """Each ``getattr`` (or ``setattr``) of one of ``names``, with the object whose attribute that is.

    A file is only read if it has such a call that does not spell some other name.
    """
    wanted = "(?:" + "|".join(map(re.escape, names)) + ")"
    spelled = re.compile((r"\b" + by + _SPELLED % wanted).encode())
    unclear = re.compile((r"\b" + by + r"\b(?!" + _SPELLED % r"\w+" + ")").encode())
    texts = program.project.texts()
    for path in program.project.files_with(by):
        if spelled.search(texts[path]) or unclear.search(texts[path]):
            for each in _calls(program, path, by):
                if not each.names.isdisjoint(names):
                    yield each.call, each.owner, each.scope


def _calls(program: Program, path: str, by: str) -> list[Reflected]:
    known = _OF_PROGRAM.setdefault(program, {})
    if (path, by) not in known:
        known[path, by] = list(_read(program, path, by))
    return known[path, by]


def _read(program: Program, path: str, by: str) -> Iterator[Reflected]:
    module = program.project.module(path)
    if module is None:
        return
    for load in module.loads.get(by, ()):
        call = module.parents.get(load)
        if not isinstance(call, ast.Call) or call.func is not load or len(call.args) < 2:
            continue
        scope = module.scopes[load]
        names = frozenset(folding.strings(program.evaluate(call.args[1], scope)))
        if names and External(f"builtins.{by}") in program.evaluate(load, scope):
            yield Reflected(call, call.args[0], scope, names)


def called_by_name(program: Program, name: str) -> Iterator[tuple[ast.Call, ast.expr, Scope]]:
    """Each ``methodcaller("run", ...)(x)`` for the method ``name``, with what it is called on."""
    for module in program.project.modules_with("methodcaller"):
        for load in module.loads.get("methodcaller", ()):
            made = module.parents.get(load)
            if not isinstance(made, ast.Call) or made.func is not load or not made.args:
                continue
            scope = module.scopes[load]
            if name in folding.strings(program.evaluate(made.args[0], scope)):
                for place in sorted(program.places(made, scope), key=place_order):
                    if place.call is not None and place.call.args:
                        yield place.call, place.call.args[0], place.scope
