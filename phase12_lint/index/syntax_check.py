"""Whether Python can read a file at all, asked of every file of the project, beside the main work.

``ast-serialize``, mypy's parser, reads twelve times as fast as ``ast`` and holds no lock meanwhile, so threads do
it. It may only say "fine", and only of a text that holds nothing that a newer Python alone might read
(``newer_grammar``); Python itself judges the rest, and all where it is not installed, for it has no wheel for
some platforms.
``symtable`` parses as ``ast`` does and builds no tree for us, which is about half the work; where it
objects, ``ast`` decides, for it accepts more.
"""

from __future__ import annotations

import symtable
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from phase12_lint.index.newer_grammar import may_be_newer
from phase12_lint.index.parsing import parse
from phase12_lint.sources import SourceError, decode

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

try:
    from ast_serialize import parse as _read_fast
except ImportError:
    _read_fast = None  # type: ignore[assignment]

T = TypeVar("T")
Failed = tuple[str, tuple[int, int, str]]
Progress = Callable[[str, int, int], None]
_WORTH_A_PROCESS = 1_500_000  # bytes
_AT_ONCE = 64  # files


def failure(data: bytes) -> SourceError | SyntaxError | None:
    """Why Python cannot read ``data``, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = decode(data)
        except SourceError as error:
            return error
        try:
            symtable.symtable(text, "<file>", "exec")
            return None
        except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeError):
            pass
        try:
            parse(text)
        except SyntaxError as error:
            return error
    return None


def is_surely_fine(data: bytes) -> bool:
    """Whether Python can read ``data``, as far as can be told without asking it."""
    if _read_fast is None:
        return False
    try:
        text = decode(data)
        plain = text.encode()
        if plain.startswith(b"\xef\xbb\xbf") or may_be_newer(plain):
            return False
        return not _read_fast("<file>", text)[1]
    except (SourceError, UnicodeError):
        return False
    except BaseException:  # what a panic in Rust is raised as
        return False


class SyntaxCheck:
    """Checks files in ``jobs`` threads, beside what the caller does; the doubtful ones in as many processes."""

    def __init__(self, files: Mapping[str, bytes], paths: Sequence[str], jobs: int) -> None:
        self._files = files
        self._paths = paths
        self._jobs = jobs
        self._doubtful: list[Future[list[str]]] = []
        self._failures: list[Future[list[Failed]]] = []
        self._threads = ThreadPoolExecutor(jobs) if _read_fast is not None else None
        self._pool: ProcessPoolExecutor | None = None
        if self._threads is not None:
            chunks = [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
            self._doubtful = [self._threads.submit(self._doubted, chunk) for chunk in chunks]
        else:
            self._judge(paths)

    def failures(self, progress: Progress | None = None) -> Iterator[tuple[str, SourceError]]:
        """Each file that cannot be read, and why; waits for the threads and the processes."""
        if self._threads is not None:
            with self._threads:
                doubtful = [path for each in self._in_turn(self._doubtful, progress) for path in each]
            self._judge(doubtful)
        if self._pool is None:
            found = [failed for chunk in self._rest for failed in _failures(chunk)]
        else:
            with self._pool:
                found = [failed for each in self._in_turn(self._failures, progress) for failed in each]
        for path, (line, column, message) in found:
            yield path, SourceError(line, column, message)

    def _doubted(self, paths: Sequence[str]) -> list[str]:
        return [path for path in paths if not is_surely_fine(self._files[path])]

    def _judge(self, paths: Sequence[str]) -> None:
        """Let Python read ``paths``: in processes if that is worth it, else when the answer is asked for."""
        self._rest: list[dict[str, bytes]] = [{path: self._files[path] for path in paths}]
        if self._jobs == 1 or sum(len(self._files[path]) for path in paths) < _WORTH_A_PROCESS:
            return
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        method = "fork" if sys.platform == "linux" else None
        self._pool = ProcessPoolExecutor(self._jobs, mp_context=get_context(method))
        size = max(1, len(paths) // (self._jobs * 8))
        for start in range(0, len(paths), size):
            chunk = {path: self._files[path] for path in paths[start : start + size]}
            self._failures.append(self._pool.submit(_failures, chunk))

    @staticmethod
    def _in_turn(waiting: Sequence[Future[list[T]]], progress: Progress | None) -> Iterator[list[T]]:
        for count, each in enumerate(waiting):
            if progress is not None:
                progress("syntax", count, len(waiting))
            yield each.result()


def _failures(files: Mapping[str, bytes]) -> list[Failed]:
    found = []
    for path, data in files.items():
        error = failure(data)
        if isinstance(error, SourceError):
            found.append((path, (error.line, error.column, error.message)))
        elif error is not None:
            found.append((path, (error.lineno or 1, error.offset or 1, error.msg)))
    return found
