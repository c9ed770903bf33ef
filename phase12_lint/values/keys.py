"""Under which key something is put into a container or taken out of it, and what a key says of what is under it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import enumerations, frameworks
from phase12_lint.values.atoms import NOTHING, Instance, Value
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

Which = str | int | tuple[str, str]
_MOST_PARTS, _BETWEEN = 3, "\0"
KEYS, VALUES, ITERATED = "keys", "values", "iterated"


def constant(node: ast.expr) -> int | str | None:
    """The position or key that ``node`` writes out, else None."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, str)) else None


def fits(known: int | str | None, wanted: int | str | None) -> bool:
    """Whether two positions or keys may be the same."""
    return known is None or wanted is None or known == wanted


def which(program: Program, index: ast.expr, scope: Scope, frame: Frame | None) -> Which:
    """The elements that ``container[index]`` may be."""
    try:
        constant = ast.literal_eval(index)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        constant = None
    if isinstance(constant, int):
        return int(constant)
    known = names(program, index, scope, frame)
    return ("key", known[0]) if len(known) == 1 else VALUES


def names(program: Program, key: ast.expr, scope: Scope, frame: Frame | None) -> list[str]:
    """What ``key``, or each part of a tuple, may be called; nothing where it may be more than is known."""
    if isinstance(key, ast.Tuple) and len(key.elts) <= _MOST_PARTS:
        parts = [names(program, each, scope, frame) for each in key.elts]
        return sorted(map(_BETWEEN.join, product(*parts)))
    return enumerations.constants(program, program.evaluate(key, scope, frame))


def said_by(program: Program, index: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """What is under a key that says so itself: ``web.AppKey("tool", Tool)``; nothing for any other."""
    if isinstance(index, ast.Constant):
        return NOTHING
    value = program.evaluate(index, scope, frame)
    made = [each.site for each in value if isinstance(each, Instance) and each.cls in frameworks.TYPED_KEYS]
    return program.join(
        program.annotated(site.node.args[1], site.scope, site.frame)
        for site in made
        if site is not None and isinstance(site.node, ast.Call) and len(site.node.args) > 1
    )


def stored_under(program: Program, key: str) -> Iterator[tuple[ast.expr, Module]]:
    """What something is stored in under the constant ``key``, written out or by a name of it."""
    names: set[str] = set()
    for module in program.project.modules_with(key):
        for store in module.subscript_stores:
            if isinstance(store.slice, ast.Constant) and store.slice.value == key:
                yield store.value, module
        names |= set(_names_of(module, key))
    for name in sorted(names):
        for module in program.project.modules_with(name):
            for store in module.subscript_stores:
                named = getattr(store.slice, "id", getattr(store.slice, "attr", None))
                if named == name and which(program, store.slice, module.scopes[store], None) == ("key", key):
                    yield store.value, module


def _names_of(module: Module, key: str) -> Iterator[str]:
    """The names that ``module`` gives to the text ``key``."""
    for statement in module.tree.body:
        value = getattr(statement, "value", None)
        if isinstance(value, ast.Constant) and value.value == key:
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def kept_as_they_were(node: ast.DictComp) -> ast.expr | None:
    """The table of which ``{k: v for k, v in table.items() if ...}`` keeps what no call tests under its keys."""
    first = node.generators[0]
    target, call = first.target, first.iter
    names = [getattr(each, "id", "") for each in getattr(target, "elts", ())]
    is_same = names and names == [getattr(each, "id", None) for each in (node.key, node.value)]
    if len(node.generators) > 1 or not is_same or not isinstance(call, ast.Call):
        return None
    is_tested = any(isinstance(each, ast.Call) for test in first.ifs for each in ast.walk(test))
    owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "items" else None
    return None if is_tested else owner
