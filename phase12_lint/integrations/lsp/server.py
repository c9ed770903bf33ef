"""The server: what it knows of the editor, and what it tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from os.path import normpath
from pathlib import Path
from time import perf_counter
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from phase12_lint import __version__
from phase12_lint.adopt.baseline import CONVENTIONAL
from phase12_lint.config import find_root
from phase12_lint.engine import Progress
from phase12_lint.integrations.lsp.analyst import Analysis
from phase12_lint.integrations.lsp.diagnostics import Diagnostics
from phase12_lint.integrations.lsp.pages import Pages
from phase12_lint.integrations.lsp.positions import Positions
from phase12_lint.integrations.lsp.projects import Project, Projects
from phase12_lint.integrations.lsp.told import Board, Told

NAME = "phase12-lint"
# One name or folder a pattern: not every editor knows braces, or what may stand in them.
_WATCHED = (
    "**/*.py",
    *(f"**/{name}" for name in ("setup.cfg", "pyproject.toml", ".gitignore", CONVENTIONAL)),
    *(f"**/{name}" for name in (".pre-commit-config.yaml", ".gitlab-ci.yml", ".github/workflows/*")),
)
_BETWEEN_REPORTS = 0.1  # seconds
_PATIENCE = 2.0  # seconds, for a client to make room for the progress


class Server(LanguageServer):
    """The language server of one editor."""

    def __init__(self) -> None:
        # The client sends whole texts: pygls takes a form feed for the end of a line when it applies a part of one.
        super().__init__(NAME, __version__, types.TextDocumentSyncKind.Full)
        self.projects = Projects(self)
        self.pages = Pages()
        self._boards: dict[Project, Board] = {}
        self._warned: set[str] = set()
        self._incomplete: dict[Project, tuple[str, ...]] = {}
        self._uris: dict[Path, str] = {}

    # what is set up when a client comes

    def set_up(self) -> None:
        """Take the client's capabilities as they are told."""
        self.positions = Positions(self.workspace.position_encoding)
        self.diagnostics = Diagnostics(self.positions, self.pages, self.client_capabilities)

    def open_projects(self) -> None:
        """Have a project for each folder; without any folder, for each open document."""
        folders = [folder for uri in self.workspace.folders if (folder := file_of(uri)) is not None]
        if not folders and self.workspace.root_uri:
            folders = [folder for folder in [file_of(self.workspace.root_uri)] if folder is not None]
        if not folders:
            folders = [file.parent for file in self.texts()[0]]
        self.projects.open({find_root(folder) for folder in folders})

    async def watch(self) -> None:
        """Ask the client to tell of changes on disk."""
        watched = self.client_capabilities.workspace and (
            self.client_capabilities.workspace.did_change_watched_files
        )
        if watched and watched.dynamic_registration:
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration(f"{NAME}.watch", method, options)
            try:
                await self.client_register_capability_async(types.RegistrationParams([registration]))
            except JsonRpcException as error:
                said = f"{NAME}: the editor does not tell of changes on disk: {error}"
                self.window_log_message(types.LogMessageParams(types.MessageType.Warning, said))

    def close(self) -> None:
        """Give up all that is under way, and leave nothing behind."""
        self.projects.close()
        self.pages.close()

    # what projects ask of the editor

    def texts(self) -> tuple[Mapping[Path, str], Mapping[Path, int | None]]:
        """The text of every open document by its file, and the version of each."""
        documents = {
            file: document
            for uri, document in self.workspace.text_documents.items()
            if (file := file_of(uri)) is not None
        }
        self._uris = {file: document.uri for file, document in documents.items()}
        texts = {file: document.source for file, document in documents.items()}
        return texts, {file: document.version for file, document in documents.items()}

    def show(self, project: Project, analysis: Analysis, versions: Mapping[Path, int | None]) -> None:
        """Tell what was found in files that no inner project has; what went wrong is told once."""
        found = analysis.findings
        paths = {*(found or {}), *(problem.path for problem in analysis.problems)}
        if found is None:  # the last good analysis stays
            paths |= self._board(project).paths
        told = {
            path: self._told(project, path, analysis, versions.get(project.root / path))
            for path in paths
            if self.projects.of(project.root / path) is project
        }
        self._board(project).put(told)
        self._tell_incomplete(project, analysis.incomplete)
        for error in analysis.errors:
            self.warn(error)

    def regroup(self, project: Project) -> None:
        """Take what was shown of files that are another project's by now from the screen."""
        board = self._board(project)
        board.put(
            {path: board.of(path) for path in board.paths if self.projects.of(project.root / path) is project}
        )

    def clear(self, project: Project) -> None:
        """Take what was shown of a project from the screen."""
        self._incomplete.pop(project, None)
        self._boards.pop(project, Board(self._publisher(project))).clear()

    def warn(self, message: str) -> None:
        """Show one line about something that went wrong, and each but once."""
        if message not in self._warned:
            self._warned.add(message)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"{NAME}: {message}"))

    def _tell_incomplete(self, project: Project, notes: Sequence[str]) -> None:
        """Log all that could not be decided; show one line when there is something where there was nothing."""
        before, self._incomplete[project] = self._incomplete.get(project, ()), tuple(notes)
        warning = types.MessageType.Warning
        for note in notes:
            if note not in before:
                self.window_log_message(types.LogMessageParams(warning, f"{NAME}: incomplete: {note}"))
        if notes and not before:
            more = f" ({len(notes) - 1} more in the log)" if len(notes) > 1 else ""
            self.window_show_message(
                types.ShowMessageParams(warning, f"{NAME}: incomplete: {notes[0]}{more}")
            )

    async def first_analysis(
        self, project: Project, work: Callable[[Progress], Coroutine[Any, Any, None]]
    ) -> None:
        """Do ``work`` on a project that nothing is known of yet, and show how far it is."""
        window = self.client_capabilities.window
        token = f"{NAME}:{project.root}:{perf_counter()}"
        is_shown = bool(window and window.work_done_progress)
        if is_shown:
            try:
                await asyncio.wait_for(self.work_done_progress.create_async(token), _PATIENCE)
            except (asyncio.TimeoutError, JsonRpcException):
                is_shown = False
        if not is_shown:
            await work(lambda stage, done, total: None)
            return
        begin = types.WorkDoneProgressBegin(f"{NAME}: {project.root.name}", cancellable=True, percentage=0)
        self.work_done_progress.begin(token, begin)
        self.work_done_progress.tokens[token].add_done_callback(lambda _: project.stop())
        try:
            await work(self._reporter(token))
        finally:
            self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    def _reporter(self, token: str) -> Progress:
        """What tells of progress, called in the analysing thread."""
        loop, last = asyncio.get_running_loop(), 0.0

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal last
            if perf_counter() - last > _BETWEEN_REPORTS:
                last = perf_counter()
                part = types.WorkDoneProgressReport(
                    message=f"{stage} {done}/{total}", percentage=100 * done // max(total, 1)
                )
                loop.call_soon_threadsafe(self.work_done_progress.report, token, part)

        return tell

    def _told(self, project: Project, path: str, analysis: Analysis, version: int | None) -> Told:
        problems = tuple(
            self.diagnostics.of_problem(problem, analysis.texts)
            for problem in analysis.problems
            if problem.path == path
        )
        if analysis.findings is None:
            return self._board(project).of(path)._replace(problems=problems)
        findings = tuple(
            (each, self.diagnostics.of_finding(each, analysis.texts, lambda path: self.uri(project, path)))
            for each in analysis.findings.get(path, ())
        )
        return Told(findings, problems, version)

    def _board(self, project: Project) -> Board:
        if project not in self._boards:
            self._boards[project] = Board(self._publisher(project))
        return self._boards[project]

    def _publisher(self, project: Project) -> Callable[[str, Iterable[types.Diagnostic], int | None], None]:
        def publish(path: str, diagnostics: Iterable[types.Diagnostic], version: int | None) -> None:
            uri = self.uri(project, path)
            told = types.PublishDiagnosticsParams(uri, list(diagnostics), version=version)
            self.text_document_publish_diagnostics(told)

        return publish

    def uri(self, project: Project, path: str) -> str:
        """The URI of a file of ``project``, as the client spells it if the file is open."""
        file = project.root / path
        return self._uris.get(file) or file.as_uri()

    # what a client asks about a document

    def place(self, uri: str) -> tuple[Project, str, TextDocument] | None:
        """The project that a document is of, its path there, and itself."""
        file = file_of(uri)
        project = self.projects.of(file) if file is not None else None
        path = project.analyst.within(file) if project is not None and file is not None else None
        if project is None or path is None:
            return None
        return project, path, self.workspace.get_text_document(uri)

    def told_of(self, project: Project, path: str, document: TextDocument) -> Told:
        """What was told of a document; nothing if it was about another version."""
        told = self._board(project).of(path)
        return told if told.version == document.version else Told()

    def version_for_edits(self, document: TextDocument) -> int | None:
        """The version that an edit of ``document`` names; None where the client takes no versions."""
        workspace = self.client_capabilities.workspace
        is_taken = workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes
        return document.version if is_taken else None

    def reads_markdown(self) -> bool:
        """Whether the client shows Markdown in a hover; one that does not say so is taken to."""
        document = self.client_capabilities.text_document
        taken = document and document.hover and document.hover.content_format
        return not taken or types.MarkupKind.Markdown in taken

    def can_show_documents(self) -> bool:
        """Whether the client opens a document, or selects a part of one, when it is asked to."""
        window = self.client_capabilities.window
        return bool(window and window.show_document and window.show_document.support)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """One line on the screen, and on with the work."""
        self.warn(f"internal error: {' '.join(f'{error}'.split())}")


def file_of(uri: str) -> Path | None:
    """The file that ``uri`` names; None for what is no file."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(normpath(path)) if path else None
