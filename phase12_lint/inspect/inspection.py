"""One traversal for all rules over the statements that hold something governed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from phase12_lint.facts.collect import top_statement
from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.model import Finding, Span
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact, RunAccess


def inspect(
    module: Module, facts: Sequence[Fact], rules: Sequence[PlaceRule[Any]]
) -> tuple[list[Finding], list[str]]:
    """The findings at ``facts``, all of ``module``; and a note for each place that libcst could not be led to."""
    concerned = [fact for fact in facts if any(isinstance(fact, rule.asks) for rule in rules)]
    judged = [
        (fact, rule, list(rule.check(fact)))
        for fact in concerned
        for rule in rules
        if isinstance(fact, rule.asks)
    ]
    guilty = [(fact, rule, messages) for fact, rule, messages in judged if messages]
    if not guilty:
        return [], []
    spans: dict[int, Span] = {}
    notes = []
    for first, last, group in _cut(module, [fact for fact, _, _ in guilty]):
        found = _locate(module, first, last, group)
        spans.update(found)
        missing = [fact for fact in group if id(fact) not in found]
        notes += [
            f"{module.path}:{module.lines.span(fact.node).line}: met by the survey alone" for fact in missing
        ]
    findings = [
        rule.finding(fact, message, spans.get(id(fact)) or _surveyed(module, fact))
        for fact, rule, messages in guilty
        for message in messages
    ]
    return findings, notes


def _cut(module: Module, facts: Sequence[Fact]) -> Iterator[tuple[int, int, list[Fact]]]:
    """The runs of whole lines that hold top-level statements with facts, and the facts of each."""
    pieces: list[tuple[int, int, list[Fact]]] = []
    for first, last, fact in sorted(
        ((*_lines_of(top_statement(module, fact.node)), fact) for fact in facts), key=lambda piece: piece[:2]
    ):
        if pieces and first <= pieces[-1][1]:
            begin, end, group = pieces.pop()
            pieces.append((begin, max(end, last), [*group, fact]))
        else:
            pieces.append((first, last, [fact]))
    yield from pieces


def _lines_of(statement: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return first, statement.end_lineno or statement.lineno


def _locate(module: Module, first: int, last: int, facts: Sequence[Fact]) -> dict[int, Span]:
    """Where each fact stands according to libcst; nothing where libcst cannot read what ``ast`` can."""
    import libcst as cst

    from phase12_lint.inspect.spans import spans_of

    text = module.lines.between(first, last)
    try:
        return spans_of(cst.parse_module(text), module, facts, first - 1)
    except (cst.ParserSyntaxError, RecursionError, LookupError, ValueError):
        return {}


def _surveyed(module: Module, fact: Fact) -> Span:
    span = module.lines.span(fact.node)
    if isinstance(fact, RunAccess) and span.line != span.end_line:
        return Span(span.end_line, max(1, span.end_column - len(fact.method)), span.end_line, span.end_column)
    return span
