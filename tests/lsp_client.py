"""An editor for the tests of the language server: it speaks the protocol with a server in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Union

from lsprotocol import types
from pygls.exceptions import JsonRpcInternalError
from pytest_lsp import ClientServerConfig, LanguageClient

from tests import forked_server

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds, on a machine that is busy
START = [sys.executable, "-m", "phase12_lint", "lsp"]  # what a user's editor starts


def able(encodings: Sequence[types.PositionEncodingKind | str] = (), versions: bool = True) -> Any:
    """The capabilities of a client that can all that the server makes use of."""
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=encodings or None),
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                related_information=True,
                code_description_support=True,
                tag_support=types.ClientDiagnosticsTagOptions([types.DiagnosticTag.Unnecessary]),
            )
        ),
        window=types.WindowClientCapabilities(
            work_done_progress=True, show_document=types.ShowDocumentClientCapabilities(True)
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=versions),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
        ),
    )


class Editor:
    """A client with some folders open."""

    def __init__(
        self, client: LanguageClient, answer: types.InitializeResult, watched: Sequence[str]
    ) -> None:
        self.client = client
        self.watched = watched
        self.answer = answer
        self._versions: dict[Path, int] = {}

    def open(self, file: Path, text: str | None = None) -> None:
        """Open ``file``, which holds ``text`` in the editor."""
        said = file.read_bytes().decode() if text is None else text
        self._versions[file] = 1
        document = types.TextDocumentItem(file.as_uri(), "python", 1, said)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def type(self, file: Path, text: str) -> int:
        """Have ``text`` in the open document; its version."""
        self._versions[file] += 1
        document = types.VersionedTextDocumentIdentifier(self._versions[file], file.as_uri())
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
        return self._versions[file]

    def save(self, file: Path, text: str) -> None:
        """Write ``text`` and tell that it is saved."""
        file.write_bytes(text.encode())
        self.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(file.as_uri()))
        )

    def close(self, file: Path) -> None:
        """Close the document."""
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(file.as_uri()))
        )

    def on_disk(self, *files: Path) -> None:
        """Tell that ``files`` have changed on disk."""
        changes = [types.FileEvent(file.as_uri(), types.FileChangeType.Changed) for file in files]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))

    def diagnostics(self, file: Path) -> Sequence[types.Diagnostic]:
        """What stands beside ``file``."""
        return self.client.diagnostics.get(file.as_uri(), ())

    def codes(self, file: Path) -> list[tuple[int, str]]:
        """Line, from 1, and code of each diagnostic of ``file``."""
        return [(each.range.start.line + 1, str(each.code)) for each in self.diagnostics(file)]

    async def shows(self, file: Path, *expected: tuple[int, str]) -> None:
        """Wait until exactly the ``expected`` lines and codes stand beside ``file``."""
        await self.until(lambda: file.as_uri() in self.client.diagnostics or not expected)
        await self.until(lambda: self.codes(file) == list(expected), lambda: self.codes(file))

    async def until(self, is_so: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
        """Wait until something is so; fail with what is ``told`` if it never is."""
        end = monotonic() + PATIENCE
        while not is_so():
            assert monotonic() < end, told()
            await asyncio.sleep(0.02)

    async def hover(self, file: Path, line: int, character: int) -> str:
        """What is told at a place, line and character from 0; empty for nothing."""
        place = types.Position(line, character)
        asked = types.HoverParams(types.TextDocumentIdentifier(file.as_uri()), place)
        found = await self.client.text_document_hover_async(asked)
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def actions(
        self, file: Path, line: int, only: list[str] | None = None
    ) -> dict[str, types.CodeAction]:
        """The code actions for ``line``, from 0, by title."""
        where = types.Range(types.Position(line, 0), types.Position(line, 0))
        context = types.CodeActionContext(list(self.diagnostics(file)), only=only)
        asked = types.CodeActionParams(types.TextDocumentIdentifier(file.as_uri()), where, context)
        found = await self.client.text_document_code_action_async(asked)
        return {each.title: each for each in found or () if isinstance(each, types.CodeAction)}

    def said(self, kind: types.MessageType = types.MessageType.Error) -> list[str]:
        """The messages of one kind that were shown."""
        return [each.message for each in self.client.messages if each.type == kind]


@asynccontextmanager
async def editor(
    *folders: Path, capabilities: Any = None, start: Sequence[str] = (), refuses: bool = False
) -> AsyncIterator[Editor]:
    """An editor with ``folders`` open, whose server ends when it is left; one that ``refuses`` to watch files.

    ``start`` is the command of the server, a forked one if it is not given.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    client = await ClientServerConfig(
        server_command=list(start or forked_server.start()), server_env=environment
    ).start()
    assert isinstance(client, LanguageClient)

    # lsprotocol takes an action that has a command for a bare command.
    converter = client.protocol._converter
    converter.register_structure_hook(
        Union[types.Command, types.CodeAction],  # noqa: UP007 the spelling under which cattrs has it
        lambda found, _: converter.structure(found, types.CodeAction),
    )

    watched: list[str] = []

    def register(params: types.RegistrationParams) -> None:
        for each in params.registrations:
            assert each.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            assert each.register_options is not None
            watched.extend(watcher["globPattern"] for watcher in each.register_options["watchers"])
        if refuses:
            raise JsonRpcInternalError("no such pattern")

    client.feature(types.CLIENT_REGISTER_CAPABILITY)(register)
    asked = types.InitializeParams(
        capabilities=capabilities or able(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders] or None,
    )
    answer = await client.initialize_session(asked)
    try:
        yield Editor(client, answer, watched)
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]
