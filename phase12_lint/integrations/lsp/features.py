"""What the protocol asks of the server, a function a feature. Started by ``phase12-lint lsp``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types

from phase12_lint.integrations.lsp import hovers
from phase12_lint.integrations.lsp.actions import EXPLAIN, SELECT, Actions
from phase12_lint.integrations.lsp.job import Job, Superseded
from phase12_lint.integrations.lsp.server import Server, file_of
from phase12_lint.integrations.lsp.texts import lines_of
from phase12_lint.model import Finding

_ACTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix])


def serve() -> None:
    """Serve one editor over standard input and output, until it says good-bye."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # what matters is told in the editor
    server = Server()
    for feature, handler in _FEATURES.items():
        server.feature(feature, _ACTIONS if handler is actions else None)(handler)
    server.command(EXPLAIN)(explain)
    server.command(SELECT)(select)
    try:
        server.start_io()
    finally:
        server.close()


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """The client has told what it can do."""
    ls.set_up()


async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """The client is ready."""
    ls.open_projects()
    await ls.watch()


def shutdown(ls: Server, params: None) -> None:
    """The client leaves."""
    ls.close()


def folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """A folder of the workspace came or went."""
    ls.open_projects()


def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document is the client's from now on."""
    ls.open_projects()
    _changed(ls, params.text_document.uri)


def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Somebody types."""
    _changed(ls, params.text_document.uri, is_typing=True)


def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """The file holds what the document says."""
    _changed(ls, params.text_document.uri)


def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """The file counts again, whatever the document said."""
    _changed(ls, params.text_document.uri)


def on_disk(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files were written, by whomever: many at once where a branch is checked out."""
    for change in params.changes:
        _changed(ls, change.uri, is_typing=True)


async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """The finding and the rule at a place, and the proof of the call there."""
    found = ls.place(params.text_document.uri)
    if found is None:
        return None
    project, path, document = found
    lines = lines_of(document.source)
    line, column = ls.positions.place(lines, params.position)
    text = lines[line - 1] if line <= len(lines) else ""
    word = hovers.word_at(text, column)
    page = hovers.of_code(word)
    findings = ls.told_of(project, path, document).at(line)
    parts = [page] if page else list(hovers.of_findings(findings))
    if (word or findings) and not page:
        try:
            ways = await project.ask(lambda job: project.analyst.ways(job, path))
        except Superseded:
            return None
        parts += hovers.of_ways(hovers.through(ways, path, line, text, column, bool(findings)))
    if not parts:
        return None
    told = "\n\n".join(parts)
    if ls.reads_markdown():
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told))
    return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, hovers.plain(told)))


async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done about the findings in a range."""
    found = ls.place(params.text_document.uri)
    only = params.context.only
    if found is None or (only and not any(_is_within("quickfix", kind) for kind in only)):
        return []
    project, path, document = found
    made = Actions(ls.positions, document.uri, ls.version_for_edits(document), document.source)
    offered: list[types.CodeAction] = []
    for finding, diagnostic in ls.told_of(project, path, document).findings:
        if _meet(diagnostic.range, params.range):

            def fixed(job: Job, finding: Finding = finding) -> Finding:
                return project.analyst.fixed(job, finding)

            try:
                offered += made.of(await project.ask(fixed), diagnostic)
            except Superseded:
                return []
    return offered


def explain(ls: Server, code: str) -> None:
    """Open the page of a rule; where the client opens none, tell it."""
    uri = ls.pages.file(code)
    if uri and ls.can_show_documents():
        ls.window_show_document(types.ShowDocumentParams(uri, take_focus=True))
    elif page := hovers.of_code(code):
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, page))


def select(ls: Server, uri: str, line: int, start: int, end: int) -> None:
    """Put the cursor where a reason is to be written."""
    if ls.can_show_documents():
        where = types.Range(types.Position(line, start), types.Position(line, end))
        ls.window_show_document(types.ShowDocumentParams(uri, take_focus=True, selection=where))


_FEATURES: dict[str, Callable[..., Any]] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.SHUTDOWN: shutdown,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: folders,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: on_disk,
    types.TEXT_DOCUMENT_DID_OPEN: opened,
    types.TEXT_DOCUMENT_DID_CHANGE: changed,
    types.TEXT_DOCUMENT_DID_SAVE: saved,
    types.TEXT_DOCUMENT_DID_CLOSE: closed,
    types.TEXT_DOCUMENT_HOVER: hover,
    types.TEXT_DOCUMENT_CODE_ACTION: actions,
}


def _changed(ls: Server, uri: str, is_typing: bool = False) -> None:
    file = file_of(uri)
    if file is not None:
        ls.projects.changed(file, is_typing)


def _is_within(kind: str, asked: str) -> bool:
    """Whether the client asks for actions of ``kind`` when it asks for ``asked``."""
    return not asked or kind == asked or kind.startswith(f"{asked}.")


def _meet(one: types.Range, other: types.Range) -> bool:
    """Whether a line is part of both."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line
