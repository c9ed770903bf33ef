"""A rule as a page of Markdown, from what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.rulebook import HEADINGS, Entry


def manual(entry: Entry) -> str:
    """Each heading of the rule with its text, and how a finding of it is suppressed."""
    return "\n\n".join(_paragraphs(entry))


def _paragraphs(entry: Entry) -> Iterator[str]:
    for heading in filter(entry.parts.__contains__, HEADINGS):
        yield f"## {heading}"
        yield entry.parts[heading]
    yield "## How to suppress"
    yield f"A comment on its line, with the reason: `# noqa: {entry.code} the reason`."
