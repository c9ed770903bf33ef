"""Every rule over the facts of a module; what it finds is placed by what a report underlines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.inspect.underlined import underlined
from phase12_lint.model import Finding
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact


def inspect(module: Module, facts: Sequence[Fact], rules: Sequence[PlaceRule[Any]]) -> list[Finding]:
    """The findings at ``facts``, all of ``module``."""
    return [
        rule.finding(fact, message, underlined(module, fact))
        for fact in facts
        for rule in rules
        if isinstance(fact, rule.asks)
        for message in rule.check(fact)
    ]
