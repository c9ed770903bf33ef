"""Where the page of a rule stands, for the formats that link to it."""

from __future__ import annotations

from functools import cache

from phase12_lint.rulebook import OURS

DISTRIBUTION = "phase12-lint"


def rule_url(code: str) -> str:
    """The page of the rule ``code``; empty for one of a team's own, or where there is no URL ``Documentation``."""
    base = documentation()
    return f"{base}/rules/{code}.md" if base and code.startswith(OURS) else ""


@cache
def documentation() -> str:
    """The URL that the installed distribution gives for its documents, without a slash at its end."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls: list[str] = metadata(DISTRIBUTION).get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    named = {name: url for name, _, url in (each.partition(", ") for each in urls)}
    return named.get("Documentation", "").rstrip("/")
