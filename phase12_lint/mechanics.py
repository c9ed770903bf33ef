"""The rules on the project's own files: hooks, workflows, folders of tests (GOV7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from phase12_lint.enforcement.found import enforcement_of
from phase12_lint.faults import told
from phase12_lint.fingerprints import with_fingerprints
from phase12_lint.inspect.rule import ProjectRule
from phase12_lint.model import Finding
from phase12_lint.request import Outcome, Request
from phase12_lint.rules import catalogue


class Mechanics(NamedTuple):
    """The findings on the project's own files, what was not read to the end, and what a rule raised."""

    findings: tuple[Finding, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...]


def enforced(request: Request, outcome: Outcome) -> Outcome:
    """``outcome`` with what is found in the own files of the project in ``request``."""
    found = mechanics(request)
    return outcome._replace(
        findings=tuple(sorted([*outcome.findings, *found.findings], key=lambda finding: finding.sort_key)),
        incomplete=(*outcome.incomplete, *found.incomplete),
        errors=(*outcome.errors, *found.errors),
    )


def mechanics(request: Request, instead: Mapping[str, str | None] = {}) -> Mechanics:
    """What is found in the own files of the project in ``request``; what a rule raises costs its findings alone.

    ``instead`` holds texts that stand in for those files; None for what is taken not to be there.
    """
    try:
        found = enforcement_of(request.root, request.policies[0], request.policy_file, instead)
    except Exception as error:
        return Mechanics((), (), (told("enforcement", error),))
    findings: list[Finding] = []
    errors: list[str] = []
    for rule in catalogue():
        if issubclass(rule, ProjectRule):
            try:
                findings += list(rule().findings(found))
            except Exception as error:
                errors.append(told(rule.code, error))
    findings.sort(key=lambda finding: finding.sort_key)
    texts = {each.path: _bytes(request, each.path) for each in findings}
    return Mechanics(tuple(with_fingerprints(findings, texts)), found.incomplete, tuple(errors))


def _bytes(request: Request, path: str) -> bytes:
    try:
        return (request.root / path).read_bytes()
    except OSError:
        return b""
