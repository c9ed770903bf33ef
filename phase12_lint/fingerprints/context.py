"""What stands around a place in a file, told without lines, columns and layout."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from phase12_lint.model import Span
from phase12_lint.sources import split_lines

_Position: TypeAlias = tuple[int, int]  # line from 1, column from 0, in bytes of UTF-8 as in ``ast``
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_HOW_IT_IS_WRITTEN = ("kind", "ctx", "type_comment")
# Below them the versions of Python differ in their positions.
_WHOLE = (ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))


class _Around(NamedTuple):
    """What is around a place: the names of what it is written in, the innermost call or statement, and what in it is
    the place itself."""

    scope: str
    whole: ast.AST
    own: ast.AST | None


class Context:
    """The calls and statements of one file; a text that is no Python, or cannot be parsed, has none."""

    def __init__(self, text: str, is_python: bool) -> None:
        self._lines = split_lines(text)
        self._tree = _parsed(text) if is_python else None
        self._below: dict[ast.AST, tuple[list[_Position], list[ast.AST]]] = {}

    def describe(self, span: Span) -> tuple[str, ...] | None:
        """The scope of ``span``, what stands there and the innermost call or statement around it.

        A comment stands in the statement on its line; where there is none, the line is told; ``None`` if there is no
        such line.
        """
        if span.line > len(self._lines):
            return None
        line = self._lines[span.line - 1]
        start = self._position(span.line, span.column)
        indented = self._position(span.line, len(line) - len(line.lstrip()) + 1)
        found = self._around(start, self._position(span.end_line, span.end_column))
        if found is None and (statement := self._around(indented, indented)):
            found = statement._replace(own=None)
        if found is None:
            return ("", " ".join(line.split()))
        if found.own is None:
            return found.scope, line[span.column - 1 :].strip(), meaning(found.whole)
        return found.scope, "" if found.own is found.whole else meaning(found.own), meaning(found.whole)

    def _around(self, start: _Position, end: _Position) -> _Around | None:
        found, scope = None, ""
        for node in self._towards(start):
            first = _first_statement(node)
            if isinstance(node, (ast.stmt, ast.excepthandler)):
                found = None if first and start >= _start(first) else _Around(scope, node, node)
            elif found and end <= _end(node):
                found = found._replace(own=node)
                if isinstance(node, ast.Call):
                    found = _Around(scope, node, node)
            if isinstance(node, _SCOPES) and first and start >= _start(first):
                scope = f"{scope}.{node.name}"
        return found

    def _towards(self, place: _Position) -> Iterator[ast.AST]:
        """The nodes around ``place``, from the outside."""
        node: ast.AST | None = self._tree
        while node is not None:
            if node not in self._below:
                placed = _placed_below(node)
                self._below[node] = [_start(each) for each in placed], placed
            starts, placed = self._below[node]
            last = bisect_right(starts, place) - 1
            node = placed[last] if last >= 0 and place < _end(placed[last]) else None
            if node is not None:
                yield node

    def _position(self, line: int, column: int) -> _Position:
        before = self._lines[line - 1][: column - 1] if line <= len(self._lines) else ""
        return line, len(before.encode("utf-8", "surrogatepass"))


def meaning(tree: ast.AST) -> str:
    """``tree`` told so that two are the same exactly if they mean the same to every version of Python.

    Literals are told by their value, and of a statement the statements in it are left out.
    """
    told: list[str] = []
    pending: list[object] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.AST):
            told.append(f"{type(node).__name__}(")
            pending.append(")")
            for name, value in reversed(list(ast.iter_fields(node))):
                if name not in _HOW_IT_IS_WRITTEN and not _holds_statements(value):
                    pending += [value, name] if value not in (None, []) else []
        elif isinstance(node, list):
            pending += ["]", *reversed(node), "["]
        else:
            told.append(hex(node) if type(node) is int else ascii(node))
    return " ".join(told)


def _holds_statements(value: object) -> bool:
    return isinstance(value, list) and isinstance(
        (value or [None])[0], (ast.stmt, ast.excepthandler, ast.match_case)
    )


def _first_statement(node: ast.AST) -> ast.stmt | None:
    """The first statement in ``node``, where its header ends."""
    body = node.cases[0].body if isinstance(node, ast.Match) else getattr(node, "body", None)
    return body[0] if isinstance(body, list) else None


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _placed_below(node: ast.AST) -> list[ast.AST]:
    """The nodes below ``node``, in the order of their places; what has no place itself is passed through."""
    found: list[ast.AST] = []
    pending = [node] if not isinstance(node, _WHOLE) else []
    while pending:
        for child in ast.iter_child_nodes(pending.pop()):
            (found if hasattr(child, "lineno") else pending).append(child)
    return sorted(found, key=_start)


def _start(node: Any) -> _Position:
    first = min(getattr(node, "decorator_list", None) or [node], key=lambda each: each.lineno)
    return first.lineno, first.col_offset


def _end(node: Any) -> _Position:
    return node.end_lineno, node.end_col_offset
