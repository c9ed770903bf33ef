"""The projects of an editor: which file is of which, and when each is analysed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from phase12_lint.engine import Progress
from phase12_lint.integrations.lsp.analyst import Analysis, Analyst
from phase12_lint.integrations.lsp.job import Job, Superseded
from phase12_lint.values.interning import forget

_T = TypeVar("_T")
_PAUSE = 0.1  # seconds without a key pressed, before what was typed is analysed


class Editor(Protocol):
    """What a project asks of the editor. All is called in the event loop."""

    def texts(self) -> tuple[Mapping[Path, str], Mapping[Path, int | None]]:
        """The text of every open document by its file, and the version of each."""

    def show(self, project: Project, analysis: Analysis, versions: Mapping[Path, int | None]) -> None:
        """Show what was found."""

    def regroup(self, project: Project) -> None:
        """Take what was shown of files that are another project's by now from the screen."""

    def clear(self, project: Project) -> None:
        """Take what was shown of a project from the screen."""

    def warn(self, message: str) -> None:
        """Tell the user one line about something that went wrong."""

    async def first_analysis(
        self, project: Project, work: Callable[[Progress], Coroutine[Any, Any, None]]
    ) -> None:
        """Do ``work`` and show how far it is."""


class Project:
    """One project and the analysis of it that is under way."""

    def __init__(self, root: Path, editor: Editor, thread: ThreadPoolExecutor) -> None:
        self.root = root
        self.analyst = Analyst(root)
        self._editor = editor
        self._thread = thread
        self._job: Job | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_known = False

    def changed(self, is_typing: bool = False) -> None:
        """Analyse what is there now; soon if ``is_typing``, else at once. Whatever is under way is given up."""
        self.stop()
        self._job = job = Job()
        self._task = asyncio.ensure_future(self._analysed(job, _PAUSE if is_typing else 0.0))

    def stop(self) -> None:
        """Give up the analysis that is under way."""
        if self._job is not None:
            self._job.stop()

    async def ask(self, question: Callable[[Job], _T]) -> _T:
        """What the analyst answers; given up if nobody waits for it any more. Raises ``Superseded``."""
        job = Job(*self._editor.texts())
        try:
            return await self._in_thread(job, question)
        finally:
            job.stop()

    async def _analysed(self, job: Job, pause: float) -> None:
        if pause:  # which is time to look for the files; what goes wrong then, the analysis tells
            with contextlib.suppress(Exception):
                await asyncio.gather(asyncio.sleep(pause), self._in_thread(job, self.analyst.look))
        if job.is_stopped:
            return
        try:
            if self._is_known:
                await self._analyse(job)
            else:
                await self._editor.first_analysis(self, lambda tell: self._analyse(job, tell))
        except Superseded:
            pass
        except Exception as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            self._editor.warn(f"internal error: {told}")
        finally:
            with contextlib.suppress(RuntimeError):  # the editor has left
                self._thread.submit(_tidy)

    async def _analyse(self, job: Job, tell: Progress | None = None) -> None:
        job.texts, job.versions = self._editor.texts()
        job.tell = tell
        analysis = await self._in_thread(job, self.analyst.analyse)
        if not job.is_stopped:
            self._is_known = True
            self._editor.show(self, analysis, job.versions)

    async def _in_thread(self, job: Job, work: Callable[[Job], _T]) -> _T:
        found: _T = await asyncio.get_running_loop().run_in_executor(self._thread, job.run, work, job)
        return found


def _tidy() -> None:
    """Let go of what an analysis has built, while nobody waits."""
    forget()
    gc.collect()
    if not gc.get_freeze_count():
        gc.freeze()  # the engine itself, which is never garbage


class Projects:
    """Every project of the editor. Garbage is collected between analyses alone: within one, all is still in use."""

    def __init__(self, editor: Editor) -> None:
        gc.disable()
        self._editor = editor
        # One thread, as the engine has tables of its own for one analysis at a time.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._by_root: dict[Path, Project] = {}

    def open(self, roots: set[Path]) -> None:
        """Have the projects at ``roots`` and no others. As files may be of others then, all are analysed again."""
        if roots == self._by_root.keys():
            return
        for root in [root for root in self._by_root if root not in roots]:
            project = self._by_root.pop(root)
            project.stop()
            self._editor.clear(project)
        for root in sorted(roots.difference(self._by_root)):
            self._by_root[root] = Project(root, self._editor, self._thread)
        for project in self._by_root.values():
            self._editor.regroup(project)
            project.changed()

    def of(self, file: Path) -> Project | None:
        """The innermost project that ``file`` is in."""
        around = [root for root in self._by_root if file.is_relative_to(root)]
        return self._by_root[max(around, key=lambda root: len(root.parts))] if around else None

    def changed(self, file: Path, is_typing: bool = False) -> None:
        """Analyse again each project that ``file`` is in: an outer one has the files of an inner one as well."""
        for root, project in self._by_root.items():
            if file.is_relative_to(root):
                project.changed(is_typing)

    def close(self) -> None:
        """Give up all that is under way."""
        for project in self._by_root.values():
            project.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)
