"""What is in the files of a project, read when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from phase12_lint.sources.decode import encode
from phase12_lint.sources.files import read_bytes


class Contents(Mapping[str, bytes]):
    """The content of each of ``paths`` below ``root``. ``overlay`` are texts that stand in for files; ``read`` gives
    what is in one, or raises ``OSError``.

    A file that turns out to be unreadable is in ``unread``, with the reason, and no longer among the others.
    """

    def __init__(
        self,
        root: Path,
        paths: Iterable[str],
        overlay: Mapping[str, str] = MappingProxyType({}),
        read: Callable[[Path, str], bytes] = read_bytes,
    ) -> None:
        self._root = root
        self._read_file = read
        self._paths = dict.fromkeys((*paths, *overlay))
        self._known = {path: encode(text) for path, text in overlay.items()}
        self.overlay: Collection[str] = overlay.keys()
        self.unread: dict[str, OSError] = {}

    def __getitem__(self, path: str) -> bytes:
        data = self._known.get(path)
        if data is None:
            data = self._known[path] = self._read(path)
        return data

    def _read(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        try:
            return self._read_file(self._root, path)
        except OSError as error:
            self.unread[path] = error
            return b""

    def saved(self, path: str) -> bytes | None:
        """What is in the file itself, whatever stands in for it; None if it cannot be read."""
        if path in self.overlay:
            try:
                return self._read_file(self._root, path)
            except OSError:
                return None
        data = self[path]
        return None if path in self.unread else data

    def __contains__(self, path: object) -> bool:
        return path in self._paths and path not in self.unread

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._paths if path not in self.unread)

    def __len__(self) -> int:
        return len(self._paths) - len(self.unread)

    def load(self) -> Contents:
        """These, all of them read."""
        for path in self._paths:
            self[path]
        return self

    def without(self, paths: Collection[str]) -> Contents:
        """Those that are none of ``paths``; what is read of one is read of the other."""
        rest = Contents(self._root, (path for path in self if path not in paths), read=self._read_file)
        rest._known = self._known
        return rest
