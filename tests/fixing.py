"""The way to the fixes of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from phase12_lint.adopt import fixing
from phase12_lint.adopt.fixing import Applied
from phase12_lint.engine import Outcome, Request
from phase12_lint.model import Finding
from tests.doors import reported, settings_of


def fixed(
    root: Path, options: Mapping[str, str], fits: Callable[[Finding], bool] = lambda each: True
) -> Applied:
    """What the fixes, safe and unsafe, make of the project: of the findings that are let through and that fit."""
    settings = settings_of(root, options)

    def wanted(outcome: Outcome) -> list[Finding]:
        return [each for each in reported(outcome.findings, settings) if fits(each)]

    return fixing.fixed(Request(root, settings.policies, settings.exclude, cache=False), wanted, unsafe=True)
