"""Places in characters: ``ast`` counts columns in UTF-8 bytes, from 0."""

from __future__ import annotations

import ast

from phase12_lint.model import Span
from phase12_lint.sources.decode import split_lines


class Lines:
    """The lines of a text; turns the places of ``ast`` nodes into ours."""

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)

    def column(self, line: int, offset: int) -> int:
        """The column in characters, from 1, of byte ``offset`` in ``line`` (from 1)."""
        if line > len(self._lines):
            return offset + 1
        text = self._lines[line - 1]
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1

    def position(self, node: ast.AST) -> tuple[int, int]:
        """Line and column where ``node`` begins."""
        line: int = getattr(node, "lineno", 1)
        return line, self.column(line, getattr(node, "col_offset", 0))

    def span(self, node: ast.AST) -> Span:
        """The whole of ``node``."""
        line: int = getattr(node, "lineno", 1)
        end_line: int = getattr(node, "end_lineno", line)
        return Span(*self.position(node), end_line, self.column(end_line, getattr(node, "end_col_offset", 0)))

    def between(self, first: int, last: int) -> str:
        """The text of lines ``first`` to ``last``, both included."""
        return "".join(self._lines[first - 1 : last])

    def cut(self, span: Span) -> str:
        """The text of ``span``."""
        held = self._lines[span.line - 1 : span.end_line]
        held[-1] = held[-1][: span.end_column - 1]
        held[0] = held[0][span.column - 1 :]
        return "".join(held)

    def text(self, line: int) -> str:
        """The text of ``line`` (from 1), without its end; empty past the last one."""
        return self._lines[line - 1].rstrip("\r\n") if 0 < line <= len(self._lines) else ""
