"""Which findings of an outcome are told, by the settings of a run: for the command, flake8 and the editor alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from phase12_lint.config import Settings
from phase12_lint.model import Finding
from phase12_lint.select import ENFORCEMENT, asks_for_enforcement, selected


def wanted(settings: Settings, chosen: tuple[str, ...] = ()) -> Callable[[Finding], bool]:
    """Whether a finding is to be told; ``chosen`` are beginnings of codes that are asked for besides.

    The rules are not looked at before there is one.
    """

    @cache
    def codes() -> frozenset[str]:
        reasons = any(policy.require_suppression_reason for policy in settings.policies)
        return selected(settings.select, (*settings.extend_select, *chosen), settings.ignore, reasons)

    return lambda finding: finding.code in codes() and finding.confidence >= settings.min_confidence


def looked_for(settings: Settings) -> Callable[[str], bool]:
    """Whether a run with ``settings`` looks for a code at all."""
    asked = asks_for_enforcement(settings.select, settings.extend_select)
    return lambda code: asked or not code.startswith(ENFORCEMENT)
