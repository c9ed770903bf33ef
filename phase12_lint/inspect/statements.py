"""Where statements stand in the lines of their module."""

from __future__ import annotations

import ast

from phase12_lint.inspect.changes import COMPOUND
from phase12_lint.syntax.modules import Module


def begins_line(module: Module, statement: ast.stmt) -> bool:
    """Whether nothing stands before ``statement`` on its line."""
    span = module.lines.span(statement)
    return not module.lines.text(span.line)[: span.column - 1].strip()


def is_alone(module: Module, statement: ast.stmt) -> bool:
    """Whether the lines of ``statement`` hold nothing else but a comment, and it is no block."""
    span = module.lines.span(statement)
    rest = module.lines.text(span.end_line)[span.end_column - 1 :].strip()
    ends = not rest or rest.startswith("#")
    return not isinstance(statement, COMPOUND) and begins_line(module, statement) and ends
