"""Constant strings: concatenation, f-strings, ``join``, slices and the like."""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values.atoms import ANYTHING, ELSE, Text, Value
from phase12_lint.values.frames import Frame

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MOST = 32
_DEEPEST = 6


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


def may_be(node: ast.expr, text: str) -> bool:
    """Whether what is written out at the ends of the expression ``node`` allows it to be ``text``."""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    begin, end = (
        (
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
            for part in (parts[0], parts[-1])
        )
        if parts
        else ("", "")
    )
    return text.startswith(begin) and text.endswith(end)


def ends(program: Program, node: ast.expr, scope: Scope, depth: int = 0) -> tuple[str, str]:
    """How any text that ``node`` may be begins and ends, as far as that is known."""
    known = strings(program.evaluate(node, scope))
    if known:
        return _common(known), _common([each[::-1] for each in known])[::-1]
    if depth > _DEEPEST:
        return "", ""
    if isinstance(node, ast.JoinedStr) and node.values:
        first, last = (_formatted(part) for part in (node.values[0], node.values[-1]))
        return ends(program, first, scope, depth + 1)[0], ends(program, last, scope, depth + 1)[1]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return ends(program, node.left, scope, depth + 1)[0], ends(program, node.right, scope, depth + 1)[1]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _around(program, node.left, scope, "%")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _ends_of_method(program, node, node.func, scope, depth)
    if isinstance(node, ast.Name):
        definitions = scope.module.definitions.get(node, ())
        if len(definitions) == 1 and isinstance(definitions[0], Assigned) and not definitions[0].path:
            value = definitions[0].value
            return ends(program, value, scope, depth + 1) if value is not None else ("", "")
    return "", ""


def _formatted(part: ast.expr) -> ast.expr:
    return part.value if isinstance(part, ast.FormattedValue) else part


def _common(texts: list[str]) -> str:
    """How all of ``texts`` begin."""
    first, last = min(texts), max(texts)
    size = next(
        (i for i, (one, other) in enumerate(zip(first, last)) if one != other), min(len(first), len(last))
    )
    return first[:size]


def _ends_of_method(
    program: Program, call: ast.Call, function: ast.Attribute, scope: Scope, depth: int
) -> tuple[str, str]:
    if function.attr == "format":
        return _around(program, function.value, scope, "{")
    items = call.args[0].elts if call.args and isinstance(call.args[0], (ast.List, ast.Tuple)) else []
    if function.attr == "join" and items:
        return ends(program, items[0], scope, depth + 1)[0], ends(program, items[-1], scope, depth + 1)[1]
    return "", ""


def _around(program: Program, template: ast.expr, scope: Scope, sign: str) -> tuple[str, str]:
    """What stands before the first place of a template that is filled in; of its end nothing is taken as known."""
    known = strings(program.evaluate(template, scope))
    return (known[0].partition(sign)[0], "") if len(known) == 1 else ("", "")


def strings(value: Value) -> list[str]:
    """The strings of ``value`` if it can be nothing else, sorted; else none."""
    if value and all(isinstance(atom, Text) for atom in value):
        return sorted(atom.text for atom in value)
    return []


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
