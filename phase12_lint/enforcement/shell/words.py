"""A shell script as words and operators, quotes taken off, comments and here-documents left out."""

from __future__ import annotations

import re
from typing import NamedTuple

_OPERATOR = re.compile(r"\n|&&|\|\||;;&?|;&|\|&|[;()|]|\d*(?:<<<|<<-?|>>|[<>]&|&>>|&>|>\||<>|[<>])|&")
_REDIRECTION = re.compile(r"\d*(?:<<<|<<-?|>>|[<>]&|&>>|&>|>\||<>|[<>])")
_CLOSE = {"{": "}", "(": ")"}


class Token(NamedTuple):
    """A word or an operator. ``text`` is without quotes; ``inner`` holds the scripts of ``$(...)`` in it."""

    text: str
    is_word: bool
    inner: tuple[str, ...] = ()
    quoted: bool = False


def tokens(text: str) -> list[Token]:
    """The tokens of ``text``; each line ends with the operator ``\\n``."""
    text = text.replace("\r\n", "\n").replace("\\\n", "")
    found: list[Token] = []
    delimiters: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif text[at] == "#":
            at = _line_end(text, at)
        elif text.startswith("((", at) and (end := text.find("))", at)) > 0:
            found += [Token("((", True), Token(text[at + 2 : end].strip(), True, quoted=True)]
            at = end + 2
        elif match := _OPERATOR.match(text, at):
            at = match.end()
            if _REDIRECTION.fullmatch(match[0]):
                at = _redirected(text, at, match[0], delimiters)
                continue
            found.append(Token(match[0], False))
            if match[0] == "\n":
                at = _after_documents(text, at, delimiters)
        else:
            token, at = _word(text, at)
            found.append(token)
    return [*found, Token("\n", False)]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _redirected(text: str, at: int, operator: str, delimiters: list[str]) -> int:
    """Behind what a redirection is to or from."""
    while at < len(text) and text[at] in " \t":
        at += 1
    if at < len(text) and text[at] not in "\n;&|()":
        token, at = _word(text, at)
        if operator.endswith(("<<", "<<-")):
            delimiters.append(token.text)
    return at


def _after_documents(text: str, at: int, delimiters: list[str]) -> int:
    """Behind the here-documents that begin at ``at``."""
    for delimiter in delimiters:
        while at < len(text):
            end = _line_end(text, at)
            line, at = text[at:end].strip(), end + 1
            if line == delimiter:
                break
    delimiters.clear()
    return at


def _word(text: str, at: int) -> tuple[Token, int]:
    parts: list[str] = []
    inner: list[str] = []
    quoted = False
    while at < len(text) and text[at] not in " \t\n;&|()<>":
        sign = text[at]
        if sign == "\\":
            parts.append(text[at + 1 : at + 2])
            at += 2
        elif sign == "'":
            end = _closing(text, at + 1, "'")
            parts.append(text[at + 1 : end])
            at, quoted = end + 1, True
        elif sign == '"':
            end = _closing(text, at + 1, '"')
            parts.append(text[at + 1 : end])
            inner += _substitutions(text[at + 1 : end])
            at, quoted = end + 1, True
        elif sign == "`" or text.startswith(("$(", "${"), at):
            end = _end_of_expansion(text, at)
            parts.append(text[at:end])
            inner += _substitutions(text[at:end])
            at = end
        else:
            parts.append(sign)
            at += 1
    return Token("".join(parts), True, tuple(inner), quoted), max(at, 1)


def _closing(text: str, at: int, sign: str) -> int:
    while at < len(text) and text[at] != sign:
        if sign == '"' and text[at] == "\\":
            at += 2
        elif sign == '"' and text.startswith(("$(", "${"), at):
            at = _end_of_expansion(text, at)
        else:
            at += 1
    return at


def _end_of_expansion(text: str, at: int) -> int:
    """Behind the ``$(...)``, ``${...}`` or ```...``` that begins at ``at``."""
    if text[at] == "`":
        return _closing(text, at + 1, "`") + 1
    opening = text[at + 1]
    depth, end = 0, at + 1
    while end < len(text):
        if text[end] == opening:
            depth += 1
        elif text[end] == _CLOSE[opening]:
            depth -= 1
            if not depth:
                return end + 1
        end += 1
    return end


def _substitutions(text: str) -> list[str]:
    """The scripts within ``$(...)`` and backticks of ``text``."""
    found = []
    at = 0
    while at < len(text):
        if text.startswith("$((", at):
            at = _end_of_expansion(text, at)
        elif text[at] == "`" or text.startswith("$(", at):
            end = _end_of_expansion(text, at)
            found.append(text[at + (1 if text[at] == "`" else 2) : end - 1])
            at = end
        else:
            at += 1
    return found
