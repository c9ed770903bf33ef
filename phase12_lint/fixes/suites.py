"""The statements of a suite, taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import libcst as cst


def statements(body: cst.BaseSuite) -> list[cst.BaseStatement]:
    """The statements of a suite, also of one on the line of its head; comments at its end come before its last."""
    if isinstance(body, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(body.body, trailing_whitespace=body.trailing_whitespace)]
    assert isinstance(body, cst.IndentedBlock)
    *others, last = body.body
    comments = [line for line in body.footer if line.comment is not None]
    return [*others, cast(Any, last).with_changes(leading_lines=[*cast(Any, last).leading_lines, *comments])]


def apart(body: cst.BaseSuite) -> list[cst.BaseStatement]:
    """The same, each on a line of its own."""
    found: list[cst.BaseStatement] = []
    for line in statements(body):
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) == 1:
            found.append(line)
            continue
        own = [
            cst.SimpleStatementLine([each.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])
            for each in line.body
        ]
        own[0] = own[0].with_changes(leading_lines=line.leading_lines)
        own[-1] = own[-1].with_changes(trailing_whitespace=line.trailing_whitespace)
        found += own
    return found


def block_of_lines(body: cst.BaseSuite) -> cst.IndentedBlock:
    """``body`` as a block of lines."""
    return body if isinstance(body, cst.IndentedBlock) else cst.IndentedBlock(statements(body))


def led(node: Any, body: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """``body``, with the comments above and beside the head of ``node`` above it."""
    head = getattr(node.body, "header", None)
    beside = [cst.EmptyLine(comment=head.comment)] if head is not None and head.comment else []
    return below([*node.leading_lines, *beside], body)


def below(lines: Sequence[cst.EmptyLine], body: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """``body``, with ``lines`` above it."""
    first: Any = body[0]
    return [first.with_changes(leading_lines=[*lines, *first.leading_lines]), *body[1:]]
