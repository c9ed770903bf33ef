"""What a report underlines, told by ``ast`` alone: libcst is slow to import, and shows the same places.

An expression or a small statement is underlined as a whole, without the brackets around it; a definition at its
name; ``with`` up to its last item; ``except`` up to its type; of ``try`` the keyword. Of a chain of attributes
over several lines only the line with the plugin's method is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from phase12_lint.model import Span
from phase12_lint.sources.decode import position_after
from phase12_lint.syntax.formatted import ARE_PLACED, places_in
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact, RunAccess

_TRIES: tuple[type[ast.AST], ...] = tuple(
    kind for name in ("Try", "TryStar") if (kind := getattr(ast, name, None)) is not None
)
_SPACE = r"(?:\s|\\\r?\n|\\\r|#[^\r\n]*)"
_DEFINED = re.compile(rf"(?:async{_SPACE}+)?(?:def|class){_SPACE}+([^\s(:\[\\#]+)")
_ENTERED = re.compile(rf"(?:async{_SPACE}+)?with(?={_SPACE}|\()")
_GAP = re.compile(rf"{_SPACE}+")
_LAST_NAME = re.compile(r"(\.?)([ \t\f]*)([^\s.\\]*)\Z")
_ALWAYS_IN_BRACKETS = (ast.NamedExpr, ast.Yield, ast.YieldFrom)


def underlined(module: Module, fact: Fact) -> Span:
    """The place that a report underlines for ``fact``, which is of ``module``."""
    node = fact.node
    span = whole(module, node)
    if isinstance(fact, RunAccess) and isinstance(node, ast.Attribute):
        return _last_name(module, span)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return name_of(module, node)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _entering(module, node, span)
    if isinstance(node, ast.ExceptHandler):
        return _caught(module, node, span)
    if isinstance(node, _TRIES):
        return _from(span, span.line, span.column + len("try"))
    return span


def whole(module: Module, node: ast.AST) -> Span:
    """The place of all of ``node``, inside an f-string as well."""
    span = module.lines.span(node)
    outer = None if ARE_PLACED else _outermost_text(module, node)
    return span if outer is None else places_in(module.lines, outer).get(node, span)


def _outermost_text(module: Module, node: ast.AST) -> ast.JoinedStr | None:
    found = None
    current: ast.AST | None = node
    while isinstance(current, (ast.expr, ast.keyword, ast.comprehension)):
        if isinstance(current, ast.JoinedStr):
            found = current
        current = module.parents.get(current)
    return None if found is node else found


def _from(span: Span, end_line: int, end_column: int) -> Span:
    return Span(span.line, span.column, end_line, end_column)


def _last_name(module: Module, span: Span) -> Span:
    """The whole of an attribute on one line; else its last line: the name, and the dot if it stands there."""
    if span.line == span.end_line:
        return span
    before = module.lines.text(span.end_line)[: span.end_column - 1]
    dot, space, name = _LAST_NAME.search(before).groups()  # type: ignore[union-attr]
    column = span.end_column - len(name) - (len(space) + 1 if dot else 0)
    return Span(span.end_line, column, span.end_line, span.end_column)


def name_of(module: Module, node: ast.AST) -> Span:
    """The place of the name of a definition; all of it where the name cannot be told."""
    span = whole(module, node)
    text = module.lines.cut(span)
    defined = _DEFINED.match(text)
    if defined is None:
        return span
    line, column = _place(span, text, defined.start(1))
    return Span(line, column, line, column + len(defined[1]))


def _entering(module: Module, node: ast.With | ast.AsyncWith, span: Span) -> Span:
    """``with`` and its items, without the brackets around all of them."""
    text = module.lines.cut(span)
    head = _ENTERED.match(text)
    assert head is not None
    first, last = node.items[0].context_expr, node.items[-1]
    begin = _offset(module, span, *module.lines.span(first)[:2])
    after_first = _offset(module, span, *module.lines.span(first)[2:])
    end = _offset(module, span, *module.lines.span(last.optional_vars or last.context_expr)[2:])
    opened = sum(at < begin for at in _run_of(text, head.end(), "("))
    own = len(list(_run_of(text, after_first, ")")))
    closed = [at for at in _run_of(text, end, "),") if text[at] == ")"]
    is_single = len(node.items) == 1 and last.optional_vars is None
    if opened > own or (is_single and opened and not isinstance(first, _ALWAYS_IN_BRACKETS)):
        closed.pop()
    return _from(span, *_place(span, text, closed[-1] + 1 if closed else end))


def _caught(module: Module, node: ast.ExceptHandler, span: Span) -> Span:
    """``except`` and what it catches, without the brackets around that."""
    if node.type is None:
        return _from(span, span.line, span.column + len("except"))
    caught = module.lines.span(node.type)
    if isinstance(node.type, ast.Tuple) and (text := module.lines.cut(caught)).startswith("("):
        inner = node.type.elts[-1:]
        at = _offset(module, caught, *module.lines.span(inner[0])[2:]) if inner else 1
        ends = [at, *(each + 1 for each in _run_of(text, at, "),"))]
        return _from(span, *_place(caught, text, ends[-2] if len(ends) > 1 else at))
    return _from(span, caught.end_line, caught.end_column)


def _place(span: Span, text: str, offset: int) -> tuple[int, int]:
    """Line and column of ``offset`` in ``text``, the text of ``span``."""
    line, column = position_after(text[:offset])
    return (line + span.line - 1, column if line > 1 else column + span.column - 1)


def _offset(module: Module, span: Span, line: int, column: int) -> int:
    """Where in the text of ``span`` line and column are."""
    return len(module.lines.cut(_from(span, line, column)))


def _run_of(text: str, at: int, characters: str) -> Iterator[int]:
    """Where those of ``characters`` stand that follow ``at``, with nothing but space and comments between."""
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if text[at : at + 1] not in characters or at >= len(text):
            return
        yield at
        at += 1
