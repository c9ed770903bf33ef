"""Fixes: for a rule ``rules/NAME.py`` whose findings can be fixed, a module ``NAME.py`` here, found by being there.

Such a module has ``SAFE`` (whether its fixes keep what a correct program does) and ``draft(found)``, which gives the
``Draft`` of the fix or raises ``NoFix``. Knows facts and rules; asks the program for values, calls and layers; writes
nothing, and reads no configuration. libcst is imported by the modules behind this one, and only when a fix is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from phase12_lint.calls.advice import advice_of
from phase12_lint.facts.collect import collect
from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.inspect.underlined import underlined
from phase12_lint.model import Finding, Fix
from phase12_lint.rules import catalogue
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program


@cache
def is_fixable(name: str) -> bool:
    """Whether findings of the rule called ``name`` may have a fix."""
    return find_spec(f"{__name__}.{_module_of(name)}") is not None


def fix_of(program: Program, finding: Finding) -> Fix | None:
    """The fix of ``finding``, which was found in ``program``, as edits of the file ``finding.path``.

    None if it has none, or none that is sure. The facts of the program are collected once; where they are at hand, as
    in an analysis, ``fix_at`` needs no search. Raises what a fix itself raises, which is a fault of ours.
    """
    module = program.project.module(finding.path) if is_fixable(finding.name) else None
    if module is None:
        return None
    rule = next(each for each in catalogue() if each.name == finding.name)
    if not issubclass(rule, PlaceRule):
        return fix_at(None, module, finding, None)
    fact = next(_facts_of(program, module, rule(advice_of(program)), finding), None)
    return fix_at(program, module, finding, fact) if fact is not None else None


def fix_at(program: Program | None, module: Module, finding: Finding, fact: Fact | None) -> Fix | None:
    """The fix of ``finding`` at ``fact`` in ``module``; what is found in comments has neither fact nor program."""
    if not is_fixable(finding.name):
        return None
    from phase12_lint.fixes.base import Found
    from phase12_lint.inspect.no_change import NoChange

    maker = import_module(f"{__name__}.{_module_of(finding.name)}")
    try:
        draft = maker.draft(Found(finding, module, fact, program))
        edits = draft.edits()
    except NoChange:
        return None
    return Fix(draft.title, edits, maker.SAFE) if edits else None


def _module_of(name: str) -> str:
    return name.replace("-", "_")


def _facts(program: Program) -> dict[Module, list[Fact]]:
    return collect(program, screened=True)


def _facts_of(program: Program, module: Module, rule: PlaceRule[Any], finding: Finding) -> Iterator[Fact]:
    for fact in program.once(_facts).get(module, ()):
        is_there = isinstance(fact, rule.asks) and underlined(module, fact) == finding.span
        if is_there and finding.message in rule.check(fact):
            yield fact
