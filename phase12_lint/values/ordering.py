"""Stable orders: sets are walked by where in the program their members stand."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Atom
from phase12_lint.values.frames import Frame


def order_of(atom: Atom) -> tuple[str, str, int, int]:
    """A stable order of atoms: by kind, by what they are called, and by where they were made."""
    subject = getattr(atom, "cls", None) or getattr(atom, "scope", None) or atom
    name = (
        getattr(subject, "name", None)
        or getattr(subject, "text", None)
        or str(getattr(subject, "value", subject))
    )
    module = getattr(subject, "module", None)
    node = getattr(getattr(atom, "site", None) or atom, "node", None)
    path = getattr(module, "path", "") if not isinstance(subject, str) else ""
    return (f"{type(atom).__name__}:{name}", path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def order(scope: Scope, node: ast.AST) -> tuple[str, int, int]:
    """By file, line and column."""
    return (scope.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def frame_order(frame: Frame) -> tuple[object, ...]:
    """Calls, by where they are made."""
    where = frame.shape.where
    receiver = order_of(frame.receiver) if frame.receiver is not None else ()
    line = (getattr(frame.site, "lineno", 0), getattr(frame.site, "col_offset", 0))
    return (where.module.path if where is not None else "", line, frame.depth, receiver)
