"""Constant strings: concatenation, f-strings, ``join``, slices and the like."""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ANYTHING, ELSE, NONE, Container, Text, Value
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MOST = 32


def text(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """The strings that ``node`` may be; unknown where it is not made of known ones."""
    if isinstance(node, ast.JoinedStr):
        parts = [
            program.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope, frame)
            for part in node.values
            if isinstance(part, (ast.Constant, ast.FormattedValue))
        ]
        return _combine(parts) or ANYTHING
    if isinstance(node, ast.BinOp):
        sides = [program.evaluate(node.left, scope, frame), program.evaluate(node.right, scope, frame)]
        if isinstance(node.op, ast.Add):
            return _combine(sides) or ANYTHING
        if isinstance(node.op, ast.Mod):
            return _percent(node, program, scope, frame)
    return ANYTHING


def _combine(parts: list[Value]) -> Value:
    options = [strings(part) for part in parts]
    if any(not option for option in options):
        return frozenset()
    size = 1
    for option in options:
        size *= len(option)
    if size > _MOST:
        return frozenset()
    return frozenset(Text("".join(choice)) for choice in product(*options))


def _percent(node: ast.BinOp, program: Program, scope: Scope, frame: Frame | None) -> Value:
    templates = strings(program.evaluate(node.left, scope, frame))
    items = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    options = [strings(program.evaluate(item, scope, frame)) for item in items]
    if not templates or any(not option for option in options):
        return ANYTHING
    found = set()
    for template in templates:
        for choice in product(*options):
            try:
                found.add(Text(template % tuple(choice)))
            except (TypeError, ValueError):
                return ANYTHING
    return frozenset(found)


def strings(value: Value) -> list[str]:
    """The strings of ``value`` if it can be nothing else, sorted; else none."""
    texts = [atom.text for atom in value if isinstance(atom, Text)]
    return sorted(texts) if len(texts) == len(value) else []


def as_names(value: Value) -> Value:
    """What of ``value`` may be the name of an attribute: a container and None are none, and raise."""
    return frozenset(atom for atom in value if atom is not NONE and not isinstance(atom, Container))


def method(program: Program, owner: str, name: str, arguments: list[Value]) -> Value:
    """A method of a constant string, as far as it is pure and its arguments are known."""
    if name in ("lower", "upper", "strip", "lstrip", "rstrip", "title", "swapcase", "casefold", "capitalize"):
        options = [strings(argument) for argument in arguments]
        if all(options):
            return frozenset(Text(getattr(owner, name)(*choice)) for choice in product(*options))
    if name in ("replace", "removeprefix", "removesuffix", "format"):
        options = [strings(argument) for argument in arguments]
        if all(options):
            try:
                return frozenset(Text(getattr(owner, name)(*choice)) for choice in product(*options))
            except (IndexError, KeyError, ValueError, TypeError):
                return ANYTHING
    if name in ("startswith", "endswith", "isidentifier", "encode", "count", "find", "index"):
        return ELSE
    return ANYTHING


def sliced(owner: str, node: ast.expr) -> Value:
    """``"nur"[::-1]`` and ``"prune"[1:4]``."""
    try:
        if isinstance(node, ast.Slice):
            bounds = [_integer(part) for part in (node.lower, node.upper, node.step)]
            return frozenset({Text(owner[slice(*bounds)])})
        index = _integer(node)
        return frozenset({Text(owner[index])}) if index is not None else ANYTHING
    except (ValueError, IndexError):
        return ANYTHING


def _integer(node: ast.expr | None) -> int | None:
    if node is None:
        return None
    value = ast.literal_eval(node)
    if not isinstance(value, int):
        raise ValueError("not an index")
    return value
