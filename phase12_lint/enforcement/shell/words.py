"""A shell script as words and operators: quotes taken off; comments, redirections and here-documents left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_DOCUMENT = re.compile(
    r"(?<!<)<<-?[ \t]*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)(?P<rest>[^\n]*\n)(?:.*\n)*?[ \t]*(?P=end)[ \t]*$",
    re.MULTILINE,
)
_WITHIN = r"(?:[^()]|\([^()]*\))*"
_EXPANSION = re.compile(rf"\$\(\({_WITHIN}\)\)|\$\({_WITHIN}\)|(?<!\\)`[^`\n]*`")
_LEFT_OUT = {0: None, ord("\r"): None}
_ASIDE = re.compile("\0(\\d+)\0")
_WORD = r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\{[^}]*\}|[^\s;&|()<>'"\\]|['"\\])"""
_TOKEN = re.compile(
    rf"""[ \t]+|\#[^\n]*
    |(?P<arithmetic>\(\({_WITHIN}\)\))
    |(?:\d+|&)?(?:<<<|<<-?|>>|[<>]&|>\||<>|[<>])[ \t]*(?P<file>{_WORD}*)
    |(?P<operator>\n|&&|\|\||;;&?|;&|\|&|[;()|&])
    |(?P<word>{_WORD}+)""",
    re.VERBOSE | re.DOTALL,
)
_VARIABLE = re.compile(r"\$(?:\{(\w+(?:\[\d+\])?)(?::?-([^{}]*))?\}|(\w+|\?))")
_PIECE = re.compile(r"\\(?P<escaped>.)|'(?P<bare>[^']*)'|\"(?P<quoted>(?:\\.|[^\"\\])*)\"", re.DOTALL)


class Quoted(str):
    """A word that stands in quotes: it stays one, whatever its variables hold."""


class Token(NamedTuple):
    """A word or an operator; ``text`` is without its quotes, ``inner`` holds the scripts of ``$(...)`` in it."""

    text: str
    is_word: bool
    is_quoted: bool = False
    inner: tuple[str, ...] = ()


def tokens(text: str) -> list[Token]:
    """The tokens of ``text``; each line ends with the operator ``\\n``."""
    aside: list[str] = []

    def put(match: re.Match[str]) -> str:
        aside.append(match[0])
        return f"\0{len(aside) - 1}\0"

    text = _DOCUMENT.sub(r"\g<rest>", text.translate(_LEFT_OUT).replace("\\\n", ""))
    before = ""
    while text != before:
        before, text = text, _EXPANSION.sub(put, text)
    found = [_token(match, aside) for match in _TOKEN.finditer(text) if match.lastgroup not in (None, "file")]
    return [*found, Token("\n", False)]


def filled(text: str, known: Mapping[str, str]) -> str:
    """``text`` with the values of ``known`` variables, or else what it says itself, as in ``${NAME:-value}``."""

    def value(match: re.Match[str]) -> str:
        name, otherwise = match[1] or match[3], match[2]
        return known.get(name, match[0] if otherwise is None else otherwise)

    return _VARIABLE.sub(value, text)


def expanded(words: list[str], known: Mapping[str, str]) -> list[str]:
    """``words``, each filled; one that is a variable without quotes may be several."""
    found: list[str] = []
    for word in words:
        is_variable = _VARIABLE.fullmatch(word) and not isinstance(word, Quoted)
        text = filled(word, known)
        found += text.split() if is_variable and text != word else [text]
    return found


def _token(match: re.Match[str], aside: list[str]) -> Token:
    if match["operator"]:
        return Token(match["operator"], False)
    if match["arithmetic"]:
        return Token(_restored(match["arithmetic"], aside), True)
    word = match["word"]
    text = _PIECE.sub(lambda piece: piece["escaped"] or piece["bare"] or piece["quoted"] or "", word)
    run = _ASIDE.findall(re.sub(r"'[^']*'", "", word))
    inner = [_restored(aside[int(number)], aside) for number in run]
    scripts = tuple(
        each.strip("`").removeprefix("$(").removesuffix(")") for each in inner if "((" not in each[:3]
    )
    return Token(_restored(text, aside), True, text != word, scripts)


def _restored(text: str, aside: list[str]) -> str:
    while _ASIDE.search(text):
        text = _ASIDE.sub(lambda match: aside[int(match[1])], text)
    return text
