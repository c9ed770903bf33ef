"""Places as the protocol counts them: lines from 0, columns in the units that client and server have agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from phase12_lint.model import Span
from phase12_lint.reports.excerpt import point

_BYTES_OF_A_UNIT = {types.PositionEncodingKind.Utf8: 1, types.PositionEncodingKind.Utf16: 2}


class Positions:
    """Turns columns in characters into columns in ``encoding``, and back."""

    def __init__(self, encoding: types.PositionEncodingKind | str | None) -> None:
        kind = types.PositionEncodingKind(encoding or "utf-16")
        self._size = _BYTES_OF_A_UNIT.get(kind, 4)
        self._codec = {1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}[self._size]

    def range(self, lines: Sequence[str], span: Span) -> types.Range:
        """Where ``span`` is in a file of ``lines``."""
        return types.Range(
            self.position(lines, span.line, span.column), self.position(lines, span.end_line, span.end_column)
        )

    def word(self, lines: Sequence[str], line: int, column: int) -> types.Range:
        """Where the word is that begins at ``line`` and ``column``, from 1."""
        return self.range(lines, point(tuple(lines), line, column))

    def position(self, lines: Sequence[str], line: int, column: int) -> types.Position:
        """Where the character at ``line`` and ``column``, from 1, is in a file of ``lines``."""
        return types.Position(line - 1, self.units(_line(lines, line)[: column - 1]))

    def units(self, text: str) -> int:
        """How many units ``text`` has."""
        return len(text.encode(self._codec, "surrogatepass")) // self._size

    def place(self, lines: Sequence[str], position: types.Position) -> tuple[int, int]:
        """Line and column, from 1, of the character at ``position``."""
        data = _line(lines, position.line + 1).encode(self._codec, "surrogatepass")
        before = data[: position.character * self._size].decode(self._codec, "ignore")
        return position.line + 1, len(before) + 1


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""
