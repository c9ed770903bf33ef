"""The places of expressions inside f-strings, which ``ast`` has wrong before Python 3.12.

Python 3.10 and 3.11 parse each replacement field on its own and then guess where it stood: on a later line of a
text in triple quotes, or behind an equal piece of text, the guess is wrong. The place of the whole text is right,
so its fields are looked for in the source once more, by the rules of ``fstring_find_expr`` in CPython 3.11, and
what is parsed from each is laid beside what ``ast`` has. Texts in fields of texts take the same way again.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from io import StringIO
from tokenize import STRING, TokenError, generate_tokens
from typing import NamedTuple

from phase12_lint.model import Span
from phase12_lint.sources.decode import position_after
from phase12_lint.syntax.lines import Lines

ARE_PLACED = sys.version_info >= (3, 12)
_PREFIX = re.compile(r"(\w*)(\"\"\"|'''|\"|')")
_QUOTES = re.compile(r"\"\"\"|'''|\"|'")


class _Field(NamedTuple):
    """An expression in a text: where it begins (line and column from 1), and how it is written."""

    line: int
    column: int
    text: str


def places_in(lines: Lines, text: ast.JoinedStr) -> dict[ast.AST, Span]:
    """Where each node of the fields of ``text`` stands; nothing where that cannot be told.

    ``lines`` are those of the source in which the place of ``text`` itself is right.
    """
    try:
        return dict(_places(lines, text, text))
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError, TokenError):
        return {}


def _places(lines: Lines, placed: ast.JoinedStr, text: ast.JoinedStr) -> Iterator[tuple[ast.AST, Span]]:
    """Of the nodes of ``text``; ``placed`` is the same text with its place in ``lines``."""
    for value, field in zip(_values(text), _fields(lines, placed), strict=True):
        source = f"({field.text})"
        tree = ast.parse(source, mode="eval").body
        within = Lines(source)
        for node, known in zip(ast.walk(value), ast.walk(tree), strict=True):
            yield node, _moved(within.span(known), field)
        for inner, known_inner in zip(_texts(value), _texts(tree), strict=True):
            for node, span in _places(within, known_inner, inner):
                yield node, _moved(span, field)


def _moved(span: Span, field: _Field) -> Span:
    """A span in a field that is read by itself, behind a bracket, as one in the source around it."""

    def move(line: int, column: int) -> tuple[int, int]:
        return (line + field.line - 1, column if line > 1 else column + field.column - 2)

    return Span(*move(span.line, span.column), *move(span.end_line, span.end_column))


def _values(text: ast.JoinedStr) -> Iterator[ast.expr]:
    """The expressions of the fields in the order of the source: each, then those in its format."""
    for part in text.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _values(part.format_spec)


def _texts(node: ast.AST) -> Iterator[ast.JoinedStr]:
    """The outermost f-strings in ``node``."""
    if isinstance(node, ast.JoinedStr):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _fields(lines: Lines, text: ast.JoinedStr) -> Iterator[_Field]:
    span = lines.span(text)
    whole = _Field(span.line, span.column, lines.cut(span))
    for token in generate_tokens(StringIO(f"({whole.text})", newline="").readline):
        opened = _PREFIX.match(token.string) if token.type == STRING else None
        if opened is None or "f" not in opened[1].lower():
            continue
        literal = _Field(token.start[0], token.start[1] + 2, token.string[: -len(opened[2])])
        scan = _Scan(literal.text, "r" in opened[1].lower())
        for start, end in scan.fields(opened.end(), False)[0]:
            line, column = position_after(literal.text[:start])
            place = _moved(_moved(Span(line, column, line, column), literal), whole)
            yield _Field(place.line, place.column, literal.text[start:end])


class _Scan:
    """One literal, up to the quotes that end it."""

    def __init__(self, text: str, is_raw: bool) -> None:
        self._text = text
        self._is_raw = is_raw

    def fields(self, at: int, is_format: bool) -> tuple[list[tuple[int, int]], int]:
        """Where the expressions begin and end from ``at`` on, and where the literal, or the format, does."""
        text, found = self._text, list[tuple[int, int]]()
        while at < len(text):
            pair = text[at : at + 2]
            if pair[0] == "\\" and not self._is_raw:
                named = text.startswith("\\N{", at)
                at = text.index("}", at) + 1 if named else at + (1 if pair[1:] in ("{", "}") else 2)
            elif pair in ("{{", "}}") and not is_format:
                at += 2
            elif pair[0] == "{":
                inner, at = self._field(at + 1)
                found += inner
            elif pair[0] == "}":
                break
            else:
                at += 1
        return found, at

    def _field(self, start: int) -> tuple[list[tuple[int, int]], int]:
        text, end = self._text, self._end(start)
        found = [(start, end)]
        at = end
        if text[at] == "=":
            at += 1
            while text[at].isspace():
                at += 1
        if text[at] == "!":
            at += 2
        if text[at] == ":":
            inner, at = self.fields(at + 1, True)
            found += inner
        if text[at] != "}":
            raise ValueError("not a field")
        return found, at + 1

    def _end(self, at: int) -> int:
        """Where the expression that begins at ``at`` ends."""
        text, depth = self._text, 0
        while at < len(text):
            quotes = _QUOTES.match(text, at)
            if quotes:
                at = text.index(quotes[0], quotes.end()) + len(quotes[0])
            elif text[at] in "([{":
                depth, at = depth + 1, at + 1
            elif depth == 0 and text[at : at + 2] in ("==", "!=", "<=", ">="):
                at += 2
            elif depth == 0 and text[at] in "!:}=":
                return at
            else:
                depth, at = depth - (text[at] in ")]}"), at + 1
        raise ValueError("a field without an end")
