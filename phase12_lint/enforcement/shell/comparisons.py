"""What ``[ ... ]``, ``[[ ... ]]`` and ``(( ... ))`` say where all that they look at is known."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping

_NUMBERS = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-gt": operator.gt,
    "-lt": operator.lt,
    "-ge": operator.ge,
    "-le": operator.le,
}
_ARITHMETIC = {"==": "-eq", "!=": "-ne", ">": "-gt", "<": "-lt", ">=": "-ge", "<=": "-le"}
_TERM = re.compile(r"^\$?(\w+)\s*(==|!=|>=|<=|>|<)?\s*(\d*)$")


def verdict(name: str, words: list[str], variables: Mapping[str, str]) -> int | None:
    """0 if it is true, 1 if not, None if that is not known. ``words`` are expanded."""
    if name == "((":
        match = _TERM.match(words[0] if words else "")
        if match is None:
            return None
        value = variables.get(match[1], match[1])
        words = [value, _ARITHMETIC[match[2]] if match[2] else "-ne", match[3] or "0"]
    else:
        words = [word for word in words if word not in ("]", "]]")]
    negated = words[:1] == ["!"]
    if negated:
        words = words[1:]
    holds = _holds(words)
    return None if holds is None else int(holds == negated)


def _holds(words: list[str]) -> bool | None:
    if any("$" in word for word in words) or len(words) not in (2, 3):
        return None
    if len(words) == 2:
        return {"-n": bool(words[1]), "-z": not words[1]}.get(words[0])
    left, sign, right = words
    if sign in _NUMBERS:
        if left.lstrip("-").isdecimal() and right.lstrip("-").isdecimal():
            return bool(_NUMBERS[sign](int(left), int(right)))
        return None
    if sign in ("=", "=="):
        return left == right
    return left != right if sign == "!=" else None
