"""Edits of the text of one module, at the places of its nodes."""

from __future__ import annotations

import ast
from itertools import accumulate

from phase12_lint.sources import split_lines
from phase12_lint.syntax.modules import Module

_COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


class Edits:
    """What is to be changed in ``module``. The changes may not overlap."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._data = module.text.encode("utf-8", "surrogatepass")
        lines = [line.encode("utf-8", "surrogatepass") for line in split_lines(module.text)]
        self._starts = [0, *accumulate(map(len, lines))]
        self._changes: list[tuple[int, int, str]] = []

    @property
    def text(self) -> str:
        """The text with all changes made."""
        data, done = b"", 0
        for start, end, text in sorted(self._changes, key=lambda change: change[:2]):
            data += self._data[done:start] + text.encode()
            done = end
        return (data + self._data[done:]).decode("utf-8", "surrogatepass")

    def replace(self, node: ast.expr | ast.arg, text: str) -> Edits:
        """``text`` in place of ``node``."""
        self._changes.append((self._start(node), self._end(node), text))
        return self

    def replace_body(self, function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> Edits:
        """The statement ``text`` in place of the body of ``function``."""
        self._changes.append((self._start(function.body[0]), self._end(function.body[-1]), text))
        return self

    def cut(self, start: ast.AST, end: ast.AST) -> Edits:
        """Nothing from the end of ``start`` to the end of ``end``."""
        self._changes.append((self._end(start), self._end(end), ""))
        return self

    def before(self, statement: ast.stmt, *lines: str) -> Edits:
        """``lines`` before ``statement``, which begins its line."""
        place = self._start(statement)
        self._changes.append((place, place, "".join(f"{line}\n{self._indent(place)}" for line in lines)))
        return self

    def after(self, statement: ast.stmt, *lines: str) -> Edits:
        """``lines`` after ``statement``, which ends its line."""
        self._put_behind(statement, lines)
        return self

    def within(self, statement: ast.stmt, head: str, *lines: str) -> Edits:
        """``head`` right before the simple ``statement``, and ``lines`` below it."""
        place = self._start(statement)
        self._changes.append((place, place, head))
        self._put_behind(statement, lines)
        return self

    def append(self, *lines: str) -> Edits:
        """``lines`` at the end of the module."""
        place = len(self._data)
        gap = "\n\n" if self._data.endswith((b"\n", b"\r")) else "\n\n\n"
        self._changes.append((place, place, "".join((gap, *(f"{line}\n" for line in lines)))))
        return self

    def is_alone(self, statement: ast.stmt) -> bool:
        """Whether the lines of ``statement`` hold nothing else, and it is no block."""
        return not isinstance(statement, _COMPOUND) and self.begins(statement) and self._ends(statement)

    def begins(self, statement: ast.stmt) -> bool:
        """Whether ``statement`` begins its line."""
        place = self._start(statement)
        return not self._data[self._line_start(place) : place].strip()

    def _ends(self, statement: ast.stmt) -> bool:
        rest = self._data[self._end(statement) : self._line_end(statement)].strip()
        return not rest or rest.startswith(b"#")

    def _put_behind(self, statement: ast.stmt, lines: tuple[str, ...]) -> None:
        indent, place = self._indent(self._start(statement)), self._line_end(statement)
        self._changes.append((place, place, "".join(f"\n{indent}{line}" for line in lines)))

    def _start(self, node: ast.AST) -> int:
        first = min((node, *getattr(node, "decorator_list", ())), key=lambda each: getattr(each, "lineno", 1))
        offset = self._starts[getattr(first, "lineno", 1) - 1] + getattr(first, "col_offset", 0)
        return offset if first is node else self._data.rindex(b"@", 0, offset)

    def _end(self, node: ast.AST) -> int:
        return self._starts[getattr(node, "end_lineno", 1) - 1] + getattr(node, "end_col_offset", 0)

    def _line_start(self, place: int) -> int:
        return max(start for start in self._starts if start <= place)

    def _line_end(self, node: ast.AST) -> int:
        number = getattr(node, "end_lineno", 1)
        line = self._data[self._starts[number - 1] : self._starts[number]]
        return self._starts[number - 1] + len(line.rstrip(b"\r\n"))

    def _indent(self, place: int) -> str:
        line = self._data[self._line_start(place) : place]
        return line[: len(line) - len(line.lstrip())].decode()
