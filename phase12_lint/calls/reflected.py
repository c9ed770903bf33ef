"""Attributes that are reached by their names as text: ``getattr``, ``setattr``, ``methodcaller``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import folding, spelling
from phase12_lint.values.atoms import External
from phase12_lint.values.loads import place_order
from phase12_lint.values.program import Program

_SPELLED = r"""\(\s*[\w.]+\s*,\s*(["'])%s\1\s*[,)]"""


class Reflected:
    """A call of ``getattr`` or ``setattr``, which takes an attribute of its first argument."""

    def __init__(self, call: ast.Call, function: ast.Name | ast.Attribute, scope: Scope) -> None:
        self.call, self.scope = call, scope
        self._function = function
        self._names: frozenset[str] | None = None

    def takes_one_of(self, program: Program, names: tuple[str, ...], by: str) -> bool:
        """Whether the attribute may be called one of ``names``; what is written out is looked at first."""
        if not any(spelling.may_be_written(self.call.args[1], name) for name in names):
            return False
        if self._names is None:
            known = frozenset(folding.strings(program.evaluate(self.call.args[1], self.scope)))
            is_it = known and External(f"builtins.{by}") in program.evaluate(self._function, self.scope)
            self._names = known if is_it else frozenset()
        return not self._names.isdisjoint(names)


class _Files:
    """The files of one program with ``by``: those that must be read for any name, and what is read of each."""

    def __init__(self, program: Program, by: str) -> None:
        self._program, self._by = program, by
        unclear = re.compile((r"\b" + by + r"\b(?!" + _SPELLED % r"\w+" + ")").encode())
        self._unclear = program.project.texts.matching(unclear, by)
        self._read: dict[str, list[Reflected]] = {}

    def paths(self, names: tuple[str, ...]) -> Iterator[str]:
        """Those that may take one of ``names``."""
        texts = self._program.project.texts
        quoted = [texts.using(name, "quoted", self._by) for name in names]
        return (
            path
            for path in texts.holding(self._by)
            if path in self._unclear or any(path in each for each in quoted)
        )

    def calls(self, path: str) -> list[Reflected]:
        """The calls in one file."""
        if path not in self._read:
            self._read[path] = list(_read(self._program, path, self._by))
        return self._read[path]


_READERS = {by: partial(_Files, by=by) for by in ("getattr", "setattr")}


def taken_by_name(
    program: Program,
    names: tuple[str, ...],
    by: str = "getattr",
    of: Callable[[ast.expr, Scope], object] = lambda owner, scope: True,
) -> Iterator[tuple[ast.Call, ast.expr, Scope]]:
    """Each ``getattr`` (or ``setattr``) of one of ``names``, with the object whose attribute that is: one that ``of``
    lets through.

    A file is only read if it has such a call that does not spell some other name.
    """
    files = program.once(_READERS[by])
    for path in files.paths(names):
        for found in files.calls(path):
            if program.all_hold(
                partial(found.takes_one_of, program, names, by), partial(of, found.call.args[0], found.scope)
            ):
                yield found.call, found.call.args[0], found.scope


def _read(program: Program, path: str, by: str) -> Iterator[Reflected]:
    module = program.project.module(path)
    if module is None:
        return
    for load in module.loads.get(by, ()):
        call = module.parents.get(load)
        if not isinstance(call, ast.Call) or call.func is not load or len(call.args) < 2:
            continue
        yield Reflected(call, load, module.scopes[load])


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
