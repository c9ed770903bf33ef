"""What is changed in one file: libcst nodes, at the places of ``ast`` nodes. Fixes and mutants are made of this.

Only the statements at the top of the module that hold a change are parsed by libcst, each once, and only what differs
in their text becomes an edit: all else keeps every character. Comments stay, if not where they were: those in an
expression that gives way, above its statement; those of a simple statement that is taken away, above what follows it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from phase12_lint.inspect.comments import Comments, left_of
from phase12_lint.inspect.no_change import NoChange
from phase12_lint.inspect.underlined import whole
from phase12_lint.model import Edit, Span
from phase12_lint.sources.decode import position_after, split_lines
from phase12_lint.sources.edits import applied, differences
from phase12_lint.syntax.modules import Module

Change = Callable[[Any], Any]
Key = tuple[object, ...]
Lines = tuple[int, int]
C = TypeVar("C", bound="Changes")


COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(getattr(ast, name) for name in ("TryStar",) if hasattr(ast, name)),
)


class Changes:
    """Changes of one ``module``. ``NoChange`` is raised where libcst cannot be led to a place."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._changes: dict[Lines, dict[Key, list[Change]]] = {}
        self._edits: list[Edit] = []

    def change(self: C, node: ast.AST, how: Change) -> C:
        """Put what ``how`` makes of the libcst node at ``node`` (an expression or statement) in its place."""
        span = whole(self.module, node)
        return self._at(span, _key_of(node, span), how)

    def change_comment(self: C, span: Span, how: Change) -> C:
        """The same for the comment that begins where ``span`` does: what holds it, a line or the end of one."""
        return self._at(span, ("comment", *span[:2]), how)

    def change_line(self: C, statement: ast.stmt, how: Change) -> C:
        """The same for the line of a simple ``statement`` that has one of its own, with the comments on it."""
        span = whole(self.module, statement)
        return self._at(span, ("line", *span[:2]), how)

    def change_statement(self: C, statement: ast.stmt, how: Change) -> C:
        """The same for ``statement`` as one of a block: the line of a simple one, and all of any other."""
        whole_line = not isinstance(statement, COMPOUND)
        return self.change_line(statement, how) if whole_line else self.change(statement, how)

    def text_of(self, node: ast.expr) -> str:
        """``node`` as it is written."""
        return self.module.lines.cut(whole(self.module, node))

    def line_of(self, statement: ast.stmt) -> cst.SimpleStatementLine:
        """The line of a simple ``statement``, which has one of its own."""
        found: list[cst.SimpleStatementLine] = []
        span = whole(self.module, statement)

        def note(node: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
            found.append(node)
            return node

        list(self._edited(self._around(span), {("line", *span[:2]): [note]}))
        if len(found[0].body) != 1:
            raise NoChange("other statements stand on the line")
        return found[0]

    def insert_line(self: C, line: int, text: str) -> C:
        """``text`` as a line of its own before ``line``."""
        self._edits.append(Edit(Span(line, 1, line, 1), text + self.newline))
        return self

    def append(self: C, *lines: str) -> C:
        """``lines`` at the end of the module, two blank lines below what is there."""
        text, newline = self.module.text, self.newline
        line, column = position_after(text)
        gap = newline * (2 if column == 1 else 3)
        self._edits.append(
            Edit(Span(line, column, line, column), gap + "".join(each + newline for each in lines))
        )
        return self

    @property
    def text(self) -> str:
        """The text of the module with all changes made."""
        return applied(self.module.text, self.edits())

    def edits(self) -> tuple[Edit, ...]:
        """What makes the changes, in order."""
        edits = list(self._edits)
        for lines, changes in self._changes.items():
            edits += map(self._with_gap, self._edited(lines, changes))
        ordered: list[Edit] = []
        for edit in sorted(edits, key=lambda edit: edit.span):
            if ordered and ordered[-1].span == edit.span:
                edit = Edit(edit.span, ordered.pop().text + edit.text)
            ordered.append(edit)
        return tuple(ordered)

    @property
    def newline(self) -> str:
        """How the file ends its lines."""
        first = next(iter(split_lines(self.module.text)), "")
        return first[len(first.rstrip("\r\n")) :] or "\n"

    @property
    def _has_carriage_returns(self) -> bool:
        """Whether the file ends its lines with carriage returns alone, which libcst does not read."""
        return self.newline == "\r" and "\n" not in self.module.text

    @property
    def indent(self) -> str:
        """How the file indents a block."""
        for node in ast.walk(self.module.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                outer, inner = (
                    self.module.lines.text(node.lineno),
                    self.module.lines.text(node.body[0].lineno),
                )
                unit = inner[len(outer) - len(outer.lstrip()) : len(inner) - len(inner.lstrip())]
                if unit and node.body[0].lineno != node.lineno:
                    return unit
        return " " * 4

    def _with_gap(self, edit: Edit) -> Edit:
        """An edit that takes lines away, with the blank lines below where there are blank lines, or nothing, above."""
        line, column, last, end = edit.span
        lines = self.module.lines
        takes_lines = not edit.text and column == end == 1 and line < last
        if not takes_lines or (line > 1 and lines.text(line - 1).strip()):
            return edit
        taken = {each.span.line for each in self._edits}
        while last not in taken and lines.between(last, last) and not lines.text(last).strip():
            last += 1
        return Edit(Span(line, 1, last, 1), "")

    def _at(self: C, span: Span, key: Key, how: Change) -> C:
        self._changes.setdefault(self._around(span), {}).setdefault(key, []).append(how)
        return self

    def _around(self, span: Span) -> Lines:
        """The lines of the statements at the top of the module that ``span`` stands in, or its own; of a class only
        those of the member that holds it.
        """
        first, last = span.line, span.end_line
        holding: list[ast.stmt] = []
        for statement in self.module.tree.body:
            begin, end = _lines_of(statement)
            if begin <= last and first <= end:
                first, last = min(first, begin), max(last, end)
                holding.append(statement)
        while len(holding) == 1 and isinstance(holding[0], ast.ClassDef):
            member = self._member(holding[0], span)
            if member is None:
                break
            holding = [member]
            first, last = _lines_of(member)
        return first, last

    def _member(self, node: ast.ClassDef, span: Span) -> ast.stmt | None:
        """The function or class in the body of ``node`` that ``span`` stands in, if it has its lines for itself."""
        for before, member in zip([None, *node.body], node.body):
            first, last = _lines_of(member)
            apart = first > (node.lineno if before is None else _lines_of(before)[1])
            is_block = isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            if is_block and apart and first <= span.line and span.end_line <= last:
                return member
        return None

    def _edited(self, lines: Lines, changes: Mapping[Key, list[Change]]) -> Iterator[Edit]:
        old = self.module.lines.between(*lines)
        if self._has_carriage_returns:
            old = old.replace("\r", "\n")
        newline = "\n" if self._has_carriage_returns else self.newline
        is_member = any(
            _begins(each, lines[0]) for each in ast.walk(self.module.tree) if isinstance(each, ast.stmt)
        )
        head = f"if True:{newline}" if old[:1] in " \t" and is_member else ""
        tree, places = _parsed(head + old, newline, self.indent)
        changer = _Changer(places, changes, lines[0] - 1 - bool(head))
        changed = tree.visit(changer)
        new = changed.code.removeprefix(head) if changed.body or changed.header or changed.footer else ""
        if changer.met != changes.keys():
            raise NoChange("libcst is not led to the place")
        if self._has_carriage_returns:
            old, new = old.replace("\n", "\r"), new.replace("\n", "\r")
        return differences(old, new, lines[0])


@lru_cache(maxsize=32)
def _parsed(text: str, newline: str, indent: str) -> tuple[cst.Module, Mapping[cst.CSTNode, CodeRange]]:
    """``text`` as libcst reads it, and the places of its nodes. Raises ``NoChange`` where it does not keep the text."""
    try:
        tree = cst.parse_module(text, cst.PartialParserConfig(default_newline=newline, default_indent=indent))
    except Exception as error:  # a ParserSyntaxError, and a TypeError for ``x or(lambda: 0)``
        raise NoChange("libcst does not read the statement") from error
    if tree.code != text:
        raise NoChange("libcst does not keep the statement")
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
    return wrapper.module, wrapper.resolve(PositionProvider)


class _Changer(cst.CSTTransformer):
    """Makes the changes on the way up, so that each is given what was made of the nodes inside."""

    def __init__(
        self, places: Mapping[cst.CSTNode, CodeRange], changes: Mapping[Key, list[Change]], offset: int
    ) -> None:
        super().__init__()
        self._places = places
        self._changes = changes
        self._offset = offset
        self._comments = Comments()
        self.met: set[Key] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._comments.enter(node)
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: Any) -> Any:
        key = self._key(original_node)
        if isinstance(updated_node, cst.SimpleStatementLine):
            updated_node = _tidied(original_node, updated_node)
        before = updated_node
        if key in self._changes:
            self.met.add(key)
            for how in self._changes[key]:
                updated_node = how(updated_node)
        return self._comments.leave(original_node, before, updated_node)

    def _key(self, node: cst.CSTNode) -> Key:
        if isinstance(node, (cst.TrailingWhitespace, cst.EmptyLine)):
            held = self._places.get(node.comment) if node.comment is not None else None
            return ("comment", held.start.line + self._offset, held.start.column + 1) if held else ()
        kind = _kind(node)
        held = self._places.get(node) if kind else None
        if held is None:
            return ()
        start = (held.start.line + self._offset, held.start.column + 1)
        if kind in ("statement", "line"):
            return (kind, *start)
        return (kind, *start, held.end.line + self._offset, held.end.column + 1)


def _kind(node: cst.CSTNode) -> str:
    if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
        return "statement"
    if isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
        return "statement"
    if isinstance(node, cst.SimpleStatementLine):
        return "line"
    return "expression" if isinstance(node, cst.BaseExpression) else ""


def _key_of(node: ast.AST, span: Span) -> Key:
    if isinstance(node, (ast.stmt, ast.excepthandler)):
        return ("statement", span.line, span.column)
    return ("expression", *span)


def _tidied(before: cst.CSTNode, line: cst.SimpleStatementLine) -> cst.BaseStatement | cst.RemovalSentinel:
    """A line from which a statement was taken away: its comments if it was the only one, no ``;`` where the last."""
    assert isinstance(before, cst.SimpleStatementLine)
    if len(line.body) == len(before.body):
        return _without_space_at_end(before, line)
    if not line.body:
        return left_of(before)
    last = line.body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return line.with_changes(body=[*line.body[:-1], last])


def _without_space_at_end(
    before: cst.SimpleStatementLine, line: cst.SimpleStatementLine
) -> cst.SimpleStatementLine:
    """The line without what stood between its last ``;`` and a comment that was taken away."""
    last = line.body[-1]
    is_gone = before.trailing_whitespace.comment is not None and line.trailing_whitespace.comment is None
    if not is_gone or not isinstance(last.semicolon, cst.Semicolon):
        return line
    semicolon = last.semicolon.with_changes(whitespace_after=cst.SimpleWhitespace(""))
    return line.with_changes(body=[*line.body[:-1], last.with_changes(semicolon=semicolon)])


def _begins(statement: ast.stmt, line: int) -> bool:
    """Whether the lines of ``statement`` begin with ``line``."""
    return _lines_of(statement)[0] == line


def _lines_of(statement: ast.stmt) -> Lines:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    return first, statement.end_lineno or first
