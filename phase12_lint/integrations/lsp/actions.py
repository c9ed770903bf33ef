"""What can be done about a finding: its fix, to suppress it with a reason, to have it explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from phase12_lint.integrations.lsp.positions import Positions
from phase12_lint.integrations.lsp.suppressing import suppressing
from phase12_lint.integrations.lsp.texts import lines_of
from phase12_lint.model import Edit, Finding

EXPLAIN = "phase12-lint.explain"
SELECT = "phase12-lint.select"


class Actions:
    """The code actions for the findings of the document ``uri``, whose text has the ``version``.

    ``version`` is None for a client that takes edits of no version.
    """

    def __init__(self, positions: Positions, uri: str, version: int | None, text: str) -> None:
        self._positions = positions
        self._uri = uri
        self._version = version
        self._text = text
        self._lines = lines_of(text)

    def of(self, finding: Finding, diagnostic: types.Diagnostic) -> Iterator[types.CodeAction]:
        """The actions for ``finding``, which is told as ``diagnostic``: the best first."""
        if finding.fix is not None:
            yield types.CodeAction(
                finding.fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=finding.fix.safe,
                edit=self._edit(finding.fix.edits),
            )
        if self._uri.endswith(".py"):
            yield from self._suppress(finding, diagnostic)
        yield types.CodeAction(
            f"Explain {finding.code} ({finding.name})",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            command=types.Command("Explain", command=EXPLAIN, arguments=[finding.code]),
        )

    def _suppress(self, finding: Finding, diagnostic: types.Diagnostic) -> Iterator[types.CodeAction]:
        done = suppressing(self._text, finding.span.line, finding.code)
        if done is None:
            return
        narrowed = "; the bare noqa then hides nothing else" if done.is_narrowed else ""
        action = types.CodeAction(
            f"Suppress {finding.code} with a reason{narrowed}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            edit=self._edit([done.edit]),
        )
        if done.reason is not None:
            where = self._after(done.edit, done.reason.column, done.reason.end_column)
            action.command = types.Command("Write the reason", command=SELECT, arguments=[self._uri, *where])
        yield action

    def _edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """``edits`` for the version that was analysed, and no other."""
        texts = [types.TextEdit(self._positions.range(self._lines, edit.span), edit.text) for edit in edits]
        if self._version is None:
            return types.WorkspaceEdit(changes={self._uri: texts})
        document = types.OptionalVersionedTextDocumentIdentifier(self._uri, self._version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, texts)])

    def _after(self, edit: Edit, *columns: int) -> list[int]:
        """The line of ``edit``, which is within one, and the units before ``columns`` of it once it is made."""
        line = self._lines[edit.span.line - 1]
        changed = line[: edit.span.column - 1] + edit.text + line[edit.span.end_column - 1 :]
        return [edit.span.line - 1, *(self._positions.units(changed[: at - 1]) for at in columns)]
