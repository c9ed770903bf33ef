"""The checklist as text, JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator

from phase12_lint.adopt.certify.items import Certificate
from phase12_lint.reports.markup import prose
from phase12_lint.reports.printable import plain, printable

FORMATS = ("json", "markdown", "text")


def render(name: str, certificate: Certificate) -> str:
    """``certificate`` in the format ``name``, one of ``FORMATS``."""
    if name == "json":
        return _json(certificate)
    return "\n".join((_text if name == "text" else _markdown)(certificate)) + "\n"


def _verdict(certificate: Certificate) -> str:
    left = sum(not item.is_met for item in certificate.items)
    if not left:
        return f"Phase 12 is complete: {len(certificate.items)} of {len(certificate.items)} criteria are met."
    return f"Phase 12 is not complete: {left} of {len(certificate.items)} criteria {'is' if left == 1 else 'are'} open."


def _text(certificate: Certificate) -> Iterator[str]:
    for item in certificate.items:
        yield f"[{'x' if item.is_met else ' '}] {item.title} ({item.section})"
        yield from (f"      {printable(line)}" for line in item.evidence)
        yield from (f"    - {printable(line)}" for line in item.open)
    yield ""
    yield _verdict(certificate)


def _markdown(certificate: Certificate) -> Iterator[str]:
    yield f"# Phase 12 certificate of {prose(certificate.name)}"
    yield ""
    for item in certificate.items:
        yield f"- [{'x' if item.is_met else ' '}] **{item.title}** ({item.section})"
        yield from (f"  - {prose(line)}" for line in item.evidence)
        yield from (f"  - **open:** {prose(line)}" for line in item.open)
    yield ""
    yield _verdict(certificate)


def _json(certificate: Certificate) -> str:
    items = [
        {
            "title": item.title,
            "section": item.section,
            "met": item.is_met,
            "evidence": list(map(plain, item.evidence)),
            "open": list(map(plain, item.open)),
        }
        for item in certificate.items
    ]
    document = {"version": 1, "complete": certificate.is_complete, "criteria": items}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
