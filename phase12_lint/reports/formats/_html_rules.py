"""The rules that the page tells of, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import dedent

from phase12_lint.reports.page import prose, text
from phase12_lint.rulebook import HEADINGS, rulebook


def sections(codes: Iterable[str]) -> Iterator[str]:
    """A section for each rule of ``codes``."""
    for code in sorted(set(codes) & rulebook().keys()):
        entry = rulebook()[code]
        yield f'<section id="{code}" class="rule"><h2>{code} {text(entry.name)}</h2>'
        yield f"<p>{prose(entry.summary)}</p><details><summary>The rule ({text(entry.section)})</summary>"
        for heading in filter(entry.parts.__contains__, HEADINGS):
            yield f"<h3>{text(heading)}</h3>"
            yield from _body(entry.parts[heading])
        yield "</details></section>"


def _body(markdown: str) -> Iterator[str]:
    """Paragraphs and fenced blocks: rules say themselves in no more of Markdown than these and backticks."""
    for number, part in enumerate(markdown.split("```")):
        if number % 2:
            code = dedent(part.partition("\n")[2]).rstrip()
            yield f"<pre>{chr(10).join(map(text, code.splitlines()))}</pre>"
            continue
        for paragraph in part.split("\n\n"):
            if paragraph.strip():
                yield f"<p>{prose(' '.join(paragraph.split()))}</p>"
