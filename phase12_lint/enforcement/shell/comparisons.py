"""What ``[ ... ]``, ``[[ ... ]]`` and ``(( ... ))`` say where all that they look at is known."""

from __future__ import annotations

import operator
import re
from collections.abc import MutableMapping

_NUMBERS = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-gt": operator.gt,
    "-lt": operator.lt,
    "-ge": operator.ge,
    "-le": operator.le,
}
_ARITHMETIC = {"==": "-eq", "!=": "-ne", ">": "-gt", "<": "-lt", ">=": "-ge", "<=": "-le"}
_COUNTS = re.compile(r"(\w+)\+\+|\+\+(\w+)|(\w+)\s*\+=\s*(\d+)")
_TERM = re.compile(r"^\$?(\w+)\s*(==|!=|>=|<=|>|<)?\s*(\d*)$")


def _counted(text: str, variables: MutableMapping[str, str]) -> int | None:
    """Count a variable up as ``text`` says; 0 if what that gives is not 0, 1 if it is, None if it does not count."""
    match = _COUNTS.fullmatch(text.strip())
    if match is None:
        return None
    name = match[1] or match[2] or match[3]
    old = variables.get(name, "0")
    before = int(old) if old.isdecimal() else 0
    variables[name] = str(before + int(match[4] or 1))
    return int(match[1] is not None and before == 0)


def verdict(name: str, words: list[str], variables: MutableMapping[str, str]) -> int | None:
    """0 if it is true, 1 if not, None if that is not known. ``words`` are expanded; ``variables`` may be counted up."""
    if name in ("((", "let"):
        counted = _counted("".join(words[:1]), variables)
        if counted is not None:
            return counted
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
