"""The rules as SARIF has them: all of them, so that they are the same in every report."""

from __future__ import annotations

from typing import Any

from phase12_lint import __version__
from phase12_lint.reports.links import documentation, rule_url
from phase12_lint.reports.manual import manual
from phase12_lint.rulebook import Entry, rulebook

_MOST_TEXT = 1_024  # characters of a description; tags are three, of the 10 that are shown


def driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """The tool with its ``rules``."""
    home = {"informationUri": documentation()} if documentation() else {}
    return {"name": "phase12-lint", "semanticVersion": __version__, **home, "rules": rules}


def rules() -> list[dict[str, Any]]:
    """Every rule as a ``reportingDescriptor``, in the order of the codes."""
    return [_rule(entry) for entry in rulebook().values()]


def _rule(entry: Entry) -> dict[str, Any]:
    url = rule_url(entry.code)
    about = " ".join(entry.parts.get("What it does", entry.summary).split())
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": _cut(entry.summary)},
        "fullDescription": {"text": _cut(about)},
        "help": {"text": f"{entry.summary} {entry.hint}", "markdown": manual(entry)},
        **({"helpUri": url} if url else {}),
        "defaultConfiguration": {"enabled": entry.default, "level": "error"},
        "properties": {
            "precision": "high",
            "problem.severity": "error",
            "tags": ["governance", "architecture", entry.code[: -len("01")]],
        },
    }


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
