"""What stands around a place in a file, told without lines, columns and layout."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from phase12_lint.model import Span
from phase12_lint.sources import split_lines

_Position: TypeAlias = tuple[int, int]  # line from 1, column from 0, in bytes of UTF-8 as in ``ast``
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# A formatter moves, adds and removes what stands between the words; in strings nothing is layout.
_LAYOUT = re.compile(
    r"""("{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|#[^\r\n]*|[\s(),\\]+""", re.DOTALL
)


class _Part(NamedTuple):
    """A call, or a statement without the statements in it, and the names of what it is written in."""

    start: _Position
    end: _Position
    scope: str
    is_call: bool


class Context:
    """The calls and statements of one file; a text that is no Python, or cannot be parsed, has none."""

    def __init__(self, text: str, is_python: bool) -> None:
        self._lines = split_lines(text)
        self._bytes = [line.encode("utf-8", "surrogatepass") for line in self._lines]
        self._parts = list(_parts(text)) if is_python else []

    def describe(self, span: Span) -> tuple[str, ...] | None:
        """The scope of ``span``, its own text and that of the innermost call or statement around it.

        Where there is none, as for a comment, the line; ``None`` if there is no such line.
        """
        if span.line > len(self._lines):
            return None
        start = self._position(span.line, span.column)
        end = self._position(span.end_line, span.end_column)
        around = [
            part
            for part in self._parts
            if part.start <= start < part.end and (end <= part.end or not part.is_call)
        ]
        if not around:
            return ("", " ".join(self._lines[span.line - 1].split()))
        part = max(around, key=lambda part: (part.start, [-number for number in part.end]))
        return part.scope, self._text(start, min(end, part.end)), self._text(part.start, part.end)

    def _position(self, line: int, column: int) -> _Position:
        before = self._lines[line - 1][: column - 1] if line <= len(self._lines) else ""
        return line, len(before.encode("utf-8", "surrogatepass"))

    def _text(self, start: _Position, end: _Position) -> str:
        lines = self._bytes[start[0] - 1 : end[0]]
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        text = b"".join(lines).decode("utf-8", "surrogatepass")
        return _LAYOUT.sub(lambda match: match[1] or "", text).replace("'", '"').replace("\r", "")


def _parts(text: str) -> Iterator[_Part]:
    try:
        pending: list[tuple[ast.AST, str]] = [(ast.parse(text), "")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while pending:
        node, scope = pending.pop()
        if isinstance(node, ast.Call):
            yield _Part(_start(node), _end(node), scope, True)
        elif isinstance(node, (ast.stmt, ast.excepthandler)):
            yield _Part(_start(node), _end_of_header(node), scope, False)
        inner = f"{scope}.{node.name}" if isinstance(node, _SCOPES) else scope
        pending += [(child, inner) for child in ast.iter_child_nodes(node)]


def _start(node: ast.expr | ast.stmt | ast.excepthandler) -> _Position:
    first = min(getattr(node, "decorator_list", None) or [node], key=lambda each: each.lineno)
    return first.lineno, first.col_offset


def _end(node: ast.expr | ast.stmt | ast.excepthandler) -> _Position:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _end_of_header(node: ast.stmt | ast.excepthandler) -> _Position:
    """Where the first statement in it begins; the end of a statement that holds none."""
    if isinstance(node, ast.Match):
        return _end(node.subject)
    body = getattr(node, "body", None)
    return _start(body[0]) if body else _end(node)
