"""Findings and problems as the protocol's diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lsprotocol import types

from phase12_lint.integrations.lsp.analyst import Problem
from phase12_lint.integrations.lsp.pages import Pages
from phase12_lint.integrations.lsp.positions import Positions
from phase12_lint.integrations.lsp.texts import Texts
from phase12_lint.model import Finding, Span
from phase12_lint.reports.ranking import level

SOURCE = "phase12-lint"
_UNUSED = "GOV002"  # what it underlines does nothing


class Diagnostics:
    """Makes diagnostics for a client with these ``capabilities``."""

    def __init__(
        self, positions: Positions, pages: Pages, capabilities: types.ClientCapabilities | None
    ) -> None:
        document = capabilities.text_document if capabilities is not None else None
        told = document.publish_diagnostics if document is not None else None
        self._positions = positions
        self._pages = pages
        self._tells_related = bool(told and told.related_information)
        self._tells_pages = bool(told and told.code_description_support)
        self._tells_tags = bool(told and told.tag_support)

    def of_finding(self, finding: Finding, texts: Texts, uri_of: Callable[[str], str]) -> types.Diagnostic:
        """The diagnostic of ``finding``; ``uri_of`` gives the URI of a path in its project."""
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(
                    uri_of(hop.path), self._positions.word(texts.lines(hop.path), hop.line, hop.column)
                ),
                hop.note,
            )
            for hop in (finding.trace if self._tells_related else ())
        ]
        is_error = level(finding) == "error"
        page = self._pages.uri(finding.code) if self._tells_pages else ""
        is_tagged = self._tells_tags and finding.code == _UNUSED
        return types.Diagnostic(
            range=self._positions.range(texts.lines(finding.path), finding.span),
            message=finding.message,
            severity=types.DiagnosticSeverity.Error if is_error else types.DiagnosticSeverity.Warning,
            code=finding.code,
            code_description=types.CodeDescription(page) if page else None,
            source=SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if is_tagged else None,
            related_information=related or None,
        )

    def of_problem(self, problem: Problem, texts: Texts) -> types.Diagnostic:
        """The diagnostic of what is wrong in a file that says how to analyse: its whole line."""
        lines: Sequence[str] = texts.lines(problem.path)
        line = lines[problem.line - 1] if problem.line <= len(lines) else ""
        span = Span(problem.line, 1, problem.line, len(line) + 1)
        return types.Diagnostic(
            self._positions.range(lines, span),
            problem.message,
            severity=types.DiagnosticSeverity.Error,
            source=SOURCE,
        )
