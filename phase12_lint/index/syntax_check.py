"""Whether Python can read a file at all, asked of every file of the project, beside the main work.

``ast-serialize``, mypy's parser, reads twelve times as fast as ``ast``. It may only say "fine", and only of a text that
holds nothing that a newer Python alone might read (``newer_grammar``); Python itself judges the rest, and all where it
is not installed, for it has no wheel for some platforms.
``symtable`` parses as ``ast`` does and builds no tree for us, which is about half the work; where it
objects, ``ast`` decides, for it accepts more.
"""

from __future__ import annotations

import symtable
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phase12_lint.index.newer_grammar import may_be_newer
from phase12_lint.index.parsing import on_enough_stack, parse
from phase12_lint.sources import SourceError, decode

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

try:
    from ast_serialize import parse as _read_fast
except ImportError:
    _read_fast = None  # type: ignore[assignment]

Failed = tuple[str, tuple[int, int, str]]
Progress = Callable[[str, int, int], None]
_WORTH_A_PROCESS = 1_500_000  # bytes
_AT_ONCE = 64  # files
_inherited: dict[str, bytes] = {}  # what a forked process has without being sent it


def failure(data: bytes) -> SourceError | None:
    """Why Python cannot read ``data``, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = decode(data)
        except SourceError as error:
            return error
        try:
            on_enough_stack(text, lambda: symtable.symtable(text, "<file>", "exec"))
            return None
        except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeError):
            pass
        try:
            parse(text)
        except SyntaxError as error:
            return SourceError.of(error)
    return None


def is_surely_fine(data: bytes) -> bool:
    """Whether Python can read ``data``, as far as can be told without asking it."""
    if _read_fast is None:
        return False
    try:
        text = decode(data)
        plain = text.encode()
        if plain.startswith(b"\xef\xbb\xbf"):
            return False
        _, errors, _, _, told = _read_fast("<file>", text)
        is_newer = told.get("uses_template_strings", True) and sys.version_info < (3, 14)
        return not (errors or is_newer or may_be_newer(plain))
    except (SourceError, UnicodeError):
        return False
    except BaseException:  # what a panic in Rust is raised as
        return False


class SyntaxCheck:
    """Checks files beside what the caller does: in ``executor``, or in processes where there are ``jobs`` for them and
    it is worth one. Processes are forked where they can be, so that no file has to be sent to them.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        paths: Sequence[str],
        jobs: int,
        executor: Executor | None = None,
    ) -> None:
        self._files = files
        self._own: Executor | None = None
        self._chunks = [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
        self._waiting: list[Future[list[Failed]]] = []
        if executor is not None:
            self._waiting = [executor.submit(_failures, self._of(chunk)) for chunk in self._chunks]
        elif jobs > 1 and sum(len(files[path]) for path in paths) > _WORTH_A_PROCESS:
            self._start(max(1, jobs - 1))

    def failures(self, progress: Progress | None = None) -> Iterator[tuple[str, SourceError]]:
        """Each file that cannot be read, and why; waits for what is under way."""
        for count, chunk in enumerate(self._chunks):
            if progress is not None:
                progress("syntax", count, len(self._chunks))
            for path, (line, column, message) in self._found(count, chunk):
                yield path, SourceError(line, column, message)
        if self._own is not None:
            self._own.shutdown()

    def _start(self, processes: int) -> None:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        if sys.platform != "linux":
            self._own = ProcessPoolExecutor(processes)
            self._waiting = [self._own.submit(_failures, self._of(chunk)) for chunk in self._chunks]
            return
        _inherited.clear()
        _inherited.update(self._files)
        self._own = ProcessPoolExecutor(processes, mp_context=get_context("fork"))
        self._waiting = [self._own.submit(_failures_of_inherited, chunk) for chunk in self._chunks]

    def _of(self, chunk: Sequence[str]) -> dict[str, bytes]:
        return {path: self._files[path] for path in chunk}

    def _found(self, count: int, chunk: Sequence[str]) -> list[Failed]:
        """The failures of a chunk, which is done here if nobody has begun it, or if a worker is gone: that costs time
        alone."""
        if self._waiting and not (self._own is not None and self._waiting[count].cancel()):
            try:
                return self._waiting[count].result()
            except (OSError, RuntimeError):
                pass
        return _failures(self._of(chunk))


def _failures_of_inherited(paths: Sequence[str]) -> list[Failed]:
    return _failures({path: _inherited[path] for path in paths})


def _failures(files: Mapping[str, bytes]) -> list[Failed]:
    found = []
    for path, data in files.items():
        error = None if is_surely_fine(data) else failure(data)
        if error is not None:
            found.append((path, (error.line, error.column, error.message)))
    return found
