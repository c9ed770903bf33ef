"""The expressions of GitHub Actions: what is constant in one is computed, all else is unknown.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import nan

from phase12_lint.enforcement.cuts import cut, shortened

_TOKEN = re.compile(r"'(?:[^']|'')*'|&&|\|\||[=!<>]=|[!<>()\[\],]|[^\s!<>=&|()\[\],']+|\S")
_STATUS = {"always": True, "success": True, "failure": False, "cancelled": False}  # of a build that is well
_MOST_NESTED = 50
_UNKNOWN = object()


def truth(text: str, known: Mapping[str, str]) -> bool | None:
    """Whether the expression ``text`` holds in a build that is well so far; None if that cannot be known.

    ``known`` are the values of contexts, such as ``github.event_name``.
    """
    inner = text.strip()
    if inner.startswith("${{") and inner.endswith("}}") and inner.count("${{") == 1:
        inner = inner[3:-2]
    if "${{" in inner:
        return None
    value = _Expression(_TOKEN.findall(inner), known).whole()
    return None if value is _UNKNOWN else _is_true(value)


class _Expression:
    def __init__(self, words: list[str], known: Mapping[str, str]) -> None:
        self._words = words
        self._known = known
        self._at = 0
        self._nested = 0

    def whole(self) -> object:
        value = self._or()
        return value if self._at == len(self._words) else _UNKNOWN

    def _or(self) -> object:
        value = self._and()
        while self._takes("||"):
            other = self._and()
            value = _joined(value, other, True)
        return value

    def _and(self) -> object:
        value = self._comparison()
        while self._takes("&&"):
            other = self._comparison()
            value = _joined(value, other, False)
        return value

    def _comparison(self) -> object:
        value = self._term()
        for sign in ("==", "!="):
            if self._takes(sign):
                other = self._term()
                if value is _UNKNOWN or other is _UNKNOWN:
                    return _UNKNOWN
                return _are_equal(value, other) is (sign == "==")
        return value

    def _term(self) -> object:
        self._nested += 1
        if self._nested > _MOST_NESTED:
            cut(f"a condition is nested more than {_MOST_NESTED} deep: `{shortened(' '.join(self._words))}`")
            return _UNKNOWN
        if self._at >= len(self._words):
            return _UNKNOWN
        word = self._words[self._at]
        self._at += 1
        if word == "!":
            value = self._term()
            return value if value is _UNKNOWN else not _is_true(value)
        if word == "(":
            value = self._or()
            return value if self._takes(")") else _UNKNOWN
        if self._takes("("):
            return _STATUS.get(word.lower(), _UNKNOWN) if self._takes(")") else self._call()
        return literal(self._known[word]) if word in self._known else _constant(word)

    def _call(self) -> object:
        """A call with arguments, of which nothing is known."""
        self._or()
        while self._takes(","):
            self._or()
        self._takes(")")
        return _UNKNOWN

    def _takes(self, word: str) -> bool:
        taken = self._words[self._at : self._at + 1] == [word]
        self._at += taken
        return taken


def _joined(one: object, other: object, decisive: bool) -> object:
    """``one || other`` if what is true is ``decisive``, else ``one && other``."""
    if one is not _UNKNOWN:
        return one if _is_true(one) is decisive else other
    return other if other is not _UNKNOWN and _is_true(other) is decisive else _UNKNOWN


def _constant(word: str) -> object:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    value = literal(word)
    return _UNKNOWN if isinstance(value, str) else value


def literal(text: str) -> object:
    """What a plain word means: a boolean, null, a number, or itself."""
    named: dict[str, object] = {"true": True, "false": False, "null": None}
    if text.lower() in named:
        return named[text.lower()]
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _is_true(value: object) -> bool:
    return value not in (False, 0.0, "", None)


def _are_equal(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return (type(one) is type(other) and one == other) or _number(one) == _number(other)


def _number(value: object) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value.strip()) else nan
    return float(value) if isinstance(value, (bool, float)) else nan
