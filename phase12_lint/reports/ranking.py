"""Which finding comes first, and how severe it is called, where a format knows more than found and not found."""

from __future__ import annotations

from collections.abc import Iterable

from phase12_lint.model import Confidence, Finding


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """``findings``, errors before warnings, then by section (a way round the choke point hides all that it does)."""
    return sorted(
        findings, key=lambda each: (level(each) != "error", each.code[: len("GOV1")], each.sort_key)
    )


def level(finding: Finding) -> str:
    """``warning`` for what is known by a name alone, else ``error``."""
    return "warning" if finding.confidence is Confidence.NAMED else "error"
