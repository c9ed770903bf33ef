"""Whether Python can read a file at all, asked of the files that nothing else needs a tree of.

``symtable`` parses as ``ast`` does and builds no tree for us, which is about half the work; where it
objects, ``ast`` decides, for it accepts more.
"""

from __future__ import annotations

import symtable
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from phase12_lint.index.parsing import parse
from phase12_lint.sources import SourceError, decode

_WORTH_A_PROCESS = 1_500_000


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


class SyntaxCheck:
    """Checks files in ``jobs`` processes, beside what this one does meanwhile."""

    def __init__(self, files: Mapping[str, bytes], paths: Sequence[str], jobs: int) -> None:
        self._files = files
        self._paths = paths
        self._waiting: list[Future[list[tuple[str, tuple[int, int, str]]]]] = []
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1 and sum(len(files[path]) for path in paths) > _WORTH_A_PROCESS:
            self._start(jobs)

    def _start(self, jobs: int) -> None:
        method = "fork" if sys.platform == "linux" else None
        self._pool = ProcessPoolExecutor(jobs, mp_context=get_context(method))
        size = max(1, len(self._paths) // (jobs * 8))
        for start in range(0, len(self._paths), size):
            chunk = {path: self._files[path] for path in self._paths[start : start + size]}
            self._waiting.append(self._pool.submit(_failures, chunk))

    def failures(self) -> Iterator[tuple[str, SourceError]]:
        """Each file that cannot be read, and why; waits for the processes."""
        if self._pool is None:
            found = _failures({path: self._files[path] for path in self._paths})
        else:
            with self._pool:
                found = [failed for future in self._waiting for failed in future.result()]
        for path, (line, column, message) in found:
            yield path, SourceError(line, column, message)


def _failures(files: Mapping[str, bytes]) -> list[tuple[str, tuple[int, int, str]]]:
    found = []
    for path, data in files.items():
        error = failure(data)
        if isinstance(error, SourceError):
            found.append((path, (error.line, error.column, error.message)))
        elif error is not None:
            found.append((path, (error.lineno or 1, error.offset or 1, error.msg)))
    return found
