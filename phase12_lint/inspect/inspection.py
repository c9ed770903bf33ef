"""Every rule over the facts of a module; what it finds is placed by what a report underlines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from phase12_lint.faults import told
from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.inspect.underlined import underlined
from phase12_lint.model import Finding
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact


def inspect(
    module: Module, facts: Sequence[Fact], rules: Sequence[PlaceRule[Any]], errors: list[str]
) -> list[tuple[Finding, Fact]]:
    """The findings at ``facts``, all of ``module``, each with its fact; what a rule raises costs that, and is told."""
    findings: list[tuple[Finding, Fact]] = []
    for fact in facts:
        for rule in rules:
            if isinstance(fact, rule.asks):
                try:
                    messages = list(rule.check(fact))
                    findings += (
                        (rule.finding(fact, each, underlined(module, fact)), fact) for each in messages
                    )
                except Exception as error:
                    errors.append(told(rule.code, error, module.path))
    return findings
