"""The cache of a process that stays, as an editor's server does: what it has read and found is kept in memory.

What the files hold is kept beside what the file system says of them, so a run reads what has changed and nothing else.
What unsaved texts give is kept in memory alone; what the files give goes to the cache on disk as well, where the
command finds it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from phase12_lint.cache import KEPT_RESULTS, UNSETTLED_NS, Cache, digest_of_all
from phase12_lint.model import digest_of
from phase12_lint.sources.contents import Contents
from phase12_lint.sources.files import Stat, read_bytes

_RESULTS = "results/"


class _Held(NamedTuple):
    """A file as it was read; ``settled`` if it cannot have changed since without a trace."""

    status: Stat
    settled: bool
    data: bytes | OSError
    digest: str


class Resident(Cache):
    """The cache of one project, for as long as the process lives."""

    def __init__(self, root: Path) -> None:
        """``root`` is the project's."""
        super().__init__(root)
        self._held: dict[str, _Held] = {}
        self._values: dict[str, Any] = {}

    def contents_of(
        self, files: Iterable[str], overlay: Mapping[str, str] = MappingProxyType({})
    ) -> Contents:
        """What is in ``files``, from memory where it is there; ``overlay`` are texts that stand in for some."""
        return Contents(self._root, files, overlay, lambda _, path: self.read(path))

    def digest(self, files: Mapping[str, Stat], contents: Contents | None = None) -> str:
        """As ``Cache.digest``; what is not on disk counts by its content, as if it were."""
        self._files = files
        self._contents = self.contents_of(files) if contents is None else contents
        self._held = {path: self._current(path, status) for path, status in files.items()}
        for path, held in self._held.items():
            if isinstance(held.data, OSError) and path not in self._contents.overlay:
                self._contents[path]  # it is among the unread from now on
        self._digests = {**{path: held.digest for path, held in self._held.items()}, **self._overlaid()}
        return digest_of_all(dict(sorted(self._digests.items())))

    def read(self, path: str) -> bytes:
        """The content of one of the files; raises ``OSError`` if it cannot be read."""
        held = self._held.get(path)
        if held is None:
            return read_bytes(self._root, path)
        if isinstance(held.data, OSError):
            raise held.data
        return held.data

    def _current(self, path: str, status: Stat) -> _Held:
        held = self._held.get(path)
        if held is not None and held.settled and held.status == status:
            return held
        settled = max(status.modified, status.changed) < time.time_ns() - UNSETTLED_NS
        try:
            data = read_bytes(self._root, path)
        except OSError as error:
            return _Held(status, False, error, "")
        return _Held(status, settled, data, digest_of(data))

    def _is_unchanged(self) -> bool:
        """What is judged is what is held, whatever the files say by now."""
        return True

    def _load(self, name: str) -> Any:
        value = self._values.pop(name, None)
        if value is None:
            value = super()._load(name)
        return self._remember(name, value)

    def _store(self, name: str, value: object) -> None:
        self._remember(name, value)
        if not self._contents.overlay:
            super()._store(name, value)

    def _remember(self, name: str, value: Any) -> Any:
        if value is not None:
            self._values[name] = value
            results = [each for each in self._values if each.startswith(_RESULTS)]
            for oldest in results[:-KEPT_RESULTS]:
                del self._values[oldest]
        return value

    def _touch(self, name: str) -> None:
        if not self._contents.overlay:
            super()._touch(name)

    def _prune(self) -> None:
        if not self._contents.overlay:
            super()._prune()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with contextlib.nullcontext() if self._contents.overlay else super()._lock():
            yield
