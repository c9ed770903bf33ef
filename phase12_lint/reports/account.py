"""One finding told at length: its source underlined, the evidence hop by hop, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from phase12_lint.model import Finding, Hop, Span
from phase12_lint.reports.excerpt import excerpt, point, source_lines
from phase12_lint.reports.glossary import SUBJECTS
from phase12_lint.reports.printable import printable
from phase12_lint.rulebook import rulebook

_RED, _BLUE, _BOLD = "1;31", "1;34", "1"


class Account:
    """Tells findings whose paths are relative to ``folder``, with terminal colours if ``colour``."""

    def __init__(self, folder: Path, colour: bool) -> None:
        self.folder = folder
        self.colour = colour

    def lines(self, finding: Finding, reason: str = "") -> Iterator[str]:
        """The lines about ``finding``; with ``reason`` if it is suppressed for that."""
        span = finding.span
        numbers = [span.line, span.end_line, *(hop.line for hop in finding.trace)]
        pad = " " * len(str(max(numbers)))
        title = f"{self._paint(_RED, finding.code)} {self._paint(_BOLD, finding.name)}"
        yield f"{title}: {printable(finding.message)}"
        yield f"{pad}{self._paint(_BLUE, '-->')} {printable(finding.path)}:{span.line}:{span.column}"
        yield from self._excerpt(pad, finding.path, span)
        for number, hop in enumerate(finding.trace, 1):
            yield from self._hop(pad, number, hop)
        section = " ".join(filter(None, (finding.section, SUBJECTS.get(finding.section))))
        yield self._note(pad, "section", f"{section}; confidence: {finding.confidence.label}")
        if reason:
            yield self._note(pad, "suppressed", printable(reason))
        if finding.code in rulebook():
            yield self._note(pad, "how to fix", rulebook()[finding.code].hint)
        yield self._note(pad, "more", f"phase12-lint explain {finding.code}")

    def _excerpt(self, pad: str, path: str, span: Span) -> Iterator[str]:
        lines = list(excerpt(source_lines(self.folder / path), span))
        bar = self._paint(_BLUE, "|")
        if lines:
            yield f"{pad} {bar}"
        for line in lines:
            yield f"{self._number(pad, line.number)} {bar} {line.text}".rstrip()
            if line.marks:
                yield f"{pad} {bar} {self._paint(_RED, line.marks)}"
        yield f"{pad} {bar}"

    def _hop(self, pad: str, number: int, hop: Hop) -> Iterator[str]:
        yield self._note(
            pad, str(number), f"{printable(hop.path)}:{hop.line}:{hop.column}: {printable(hop.note)}"
        )
        lines = source_lines(self.folder / hop.path)
        bar = self._paint(_BLUE, "|")
        for line in excerpt(lines, point(lines, hop.line, hop.column)):
            yield f"{self._number(pad, line.number)} {bar} {line.text}".rstrip()
            yield f"{pad} {bar} {self._paint(_BLUE, line.marks.replace('^', '-'))}"

    def _note(self, pad: str, title: str, text: str) -> str:
        return f"{pad} {self._paint(_BLUE, '=')} {self._paint(_BOLD, title)}: {text}"

    def _number(self, pad: str, number: int) -> str:
        return self._paint(_BLUE, f"{number or '':>{len(pad)}}")

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text
