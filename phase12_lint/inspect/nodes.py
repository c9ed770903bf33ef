"""What a libcst node is changed into: the changes that fixes and mutants have in common."""

from __future__ import annotations

from typing import Any

import libcst as cst

from phase12_lint.inspect.changes import Change


def written(text: str) -> Change:
    """The expression ``text``, in the brackets around the one that was there."""

    def made(node: Any) -> Any:
        new = cst.parse_expression(text)
        return new.with_changes(lpar=[*node.lpar, *new.lpar], rpar=[*new.rpar, *node.rpar])

    return made


def below(*texts: str) -> Change:
    """The statements ``texts`` before the statement, below the comments above it."""

    def made(node: Any) -> Any:
        first, *others = map(_statement, texts)
        led = first.with_changes(leading_lines=node.leading_lines)
        return cst.FlattenSentinel([led, *others, node.with_changes(leading_lines=[])])

    return made


def followed_by(*texts: str) -> Change:
    """The statements ``texts`` after the statement."""
    return lambda node: cst.FlattenSentinel([node, *map(_statement, texts)])


def tried(handler: str) -> Change:
    """The statement inside a ``try`` with the ``handler``, such as ``except KeyError: raise``."""

    def made(node: Any) -> Any:
        new: Any = _statement(f"try:\n    pass\n{handler}")
        body = cst.IndentedBlock([node.with_changes(leading_lines=[])])
        return new.with_changes(body=body, leading_lines=node.leading_lines)

    return made


def with_body(text: str) -> Change:
    """The function with the statement ``text`` for a body."""
    return lambda node: node.with_changes(body=cst.IndentedBlock([_statement(text)]))


def _statement(text: str) -> Any:
    return cst.parse_statement(text)
