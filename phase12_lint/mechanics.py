"""The rules on the project's own files: hooks, workflows, the tests of the phases (GOV7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phase12_lint.enforcement import enforcement_of
from phase12_lint.engine import Request
from phase12_lint.fingerprints import with_fingerprints
from phase12_lint.inspect.rule import ProjectRule
from phase12_lint.model import Finding
from phase12_lint.rules import catalogue


def enforced(
    request: Request, others: Sequence[Finding], instead: Mapping[str, str | None] = {}
) -> tuple[Finding, ...]:
    """The findings of ``others`` and those on the own files of the project in ``request``, sorted.

    ``instead`` holds texts that stand in for those files; None for what is taken not to be there.
    """
    found = enforcement_of(request.root, request.policy_file, instead)
    rules = [rule() for rule in catalogue() if issubclass(rule, ProjectRule)]
    findings = sorted((each for rule in rules for each in rule.findings(found)), key=lambda f: f.sort_key)
    texts = {each.path: _bytes(request, each.path) for each in findings}
    return tuple(sorted([*others, *with_fingerprints(findings, texts)], key=lambda f: f.sort_key))


def _bytes(request: Request, path: str) -> bytes:
    try:
        return (request.root / path).read_bytes()
    except OSError:
        return b""
