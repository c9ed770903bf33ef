"""Conditions that hold, do not hold, or cannot be decided: those of GitHub and GitLab, and pytest's ``-k`` and ``-m``.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions and
https://docs.gitlab.com/ci/jobs/job_rules/. Each is read as the expression of Python that means the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import reduce
from math import nan

_WHOLE = re.compile(r"\s*\$\{\{((?:(?!\$\{\{).)*)\}\}\s*", re.DOTALL)
_STATUS = re.compile(r"\b(always|success|failure|cancelled)\s*\(\s*\)")
_WELL = {
    "always": "true",
    "success": "true",
    "failure": "false",
    "cancelled": "false",
}  # in a build that is well
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|/[^/]+/|&&|\|\||[=!<>]=|[=!]~|[^\s!<>=&|()\[\],'"]+|\S""")
_PYTHON = {"&&": "and", "||": "or", "!": "not", "=~": "<", "!~": "<"}  # `<` is never decided
_SIGNS = {"==", "!=", "<", ">", "<=", ">=", "(", ")", "[", "]", ",", "and", "or", "not"}
_NAMED = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_UNKNOWN = object()

Known = Callable[[str], "str | bool | None"]


def truth(text: str, known: Known) -> bool | None:
    """Whether the condition ``text`` holds in a build that is well so far; None if that cannot be decided.

    ``known`` gives the values of words, such as ``github.event_name``; None for those that are not known.
    """
    whole = _WHOLE.fullmatch(text)
    inner = _STATUS.sub(lambda match: _WELL[match[1]], whole[1] if whole else text)
    if "${{" in inner:
        return None
    words = [_in_python(word, known) for word in _TOKEN.findall(inner)]
    try:
        value = _value(ast.parse(" ".join(words) or "True", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if value is _UNKNOWN else bool(value)


def _in_python(word: str, known: Known) -> str:
    sign = _PYTHON.get(word, word)
    if sign in _SIGNS:
        return sign
    if word[0] in "'\"":
        return repr(word[1:-1].replace("''", "'"))
    value = known(word)
    meant = literal(word if value is None else value)
    return "_" if value is None and isinstance(meant, str) else repr(meant)


def literal(text: str | bool) -> object:
    """What a plain word means: a boolean, null, a number, or itself."""
    if isinstance(text, bool) or text.lower() in _NAMED:
        return text if isinstance(text, bool) else _NAMED[text.lower()]
    return float(text) if _NUMBER.fullmatch(text) else text


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BoolOp):
        decisive = isinstance(node.op, ast.Or)
        return reduce(lambda one, other: _joined(one, other, decisive), map(_value, node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        value = _value(node.operand)
        return value if value is _UNKNOWN else not value
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        one, other = _value(node.left), _value(node.comparators[0])
        if len(node.ops) == 1 and one is not _UNKNOWN and other is not _UNKNOWN:
            return _are_equal(one, other) is isinstance(node.ops[0], ast.Eq)
    return _UNKNOWN


def _joined(one: object, other: object, decisive: bool) -> object:
    """``one or other`` if what is true is ``decisive``, else ``one and other``."""
    if one is not _UNKNOWN:
        return one if bool(one) is decisive else other
    return other if other is not _UNKNOWN and bool(other) is decisive else _UNKNOWN


def _are_equal(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return (type(one) is type(other) and one == other) or _number(one) == _number(other)


def _number(value: object) -> float:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else nan if value else 0.0
    return float(value) if isinstance(value, (bool, float, int)) else 0.0
