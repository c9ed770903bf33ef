"""Keep the results of the last runs, so that a run over an unchanged project reads almost nothing.

Results are keyed by the content of every file. What tells the content without reading it is a manifest of
what the file system says of each file, with git's care: a file that changed within the last moments before it
was read may change again without a trace, so it is not trusted, and is read again by the next run.

Everything is JSON under a seal, so nothing in a cache can run code, and whatever is truncated, corrupt or
written by another version, machine or installation is ignored and written anew. Without a place to write, or
while another run writes, only time is lost.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from phase12_lint import __version__
from phase12_lint.model import digest_of, hashed
from phase12_lint.registered import signature
from phase12_lint.sources.contents import Contents
from phase12_lint.sources.files import Stat, stats, walk

FOLDER = ".phase12_lint_cache"
KEPT_RESULTS = 64
LOCK_SECONDS = 300
UNSETTLED_NS = 2_000_000_000  # the coarsest clock among file systems in use (FAT)

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of phase12-lint; it may be deleted at any time. See https://bford.info/cachedir/
"""
_WRITTEN_IN_PLACE = ("", "results", "lock", ".gitignore", "CACHEDIR.TAG")
_Json = TypeVar("_Json")


class Cache:
    """The cache of one project, in ``.phase12_lint_cache`` of its root."""

    def __init__(self, root: Path, enabled: bool = True) -> None:
        """``root`` is the project's; a cache that is not ``enabled`` neither reads nor writes."""
        self._root = root
        self._folder = root / FOLDER
        # A link here came with the project, and would have us write or delete where it points.
        self._enabled = enabled and not any(map(self._may_not_use, _WRITTEN_IN_PLACE))
        self._files: Mapping[str, Stat] = {}
        self._contents = Contents(root, ())
        self._digests: dict[str, str] = {}

    def _may_not_use(self, name: str) -> bool:
        """Whether ``name`` of the cache is a link, or is in a folder that may not be entered."""
        try:
            return stat.S_ISLNK((self._folder / name).lstat().st_mode)
        except OSError as error:
            return error.errno not in (errno.ENOENT, errno.ENOTDIR)

    def digest(self, files: Mapping[str, Stat], contents: Contents | None = None) -> str:
        """Tells what is in ``files`` (``sources.scan``): the same for the same paths and bytes alone.

        ``contents`` are those of the files, if others want to read them as well.
        """
        self._files = files
        self._contents = self.contents_of(files) if contents is None else contents
        signature = hashed(repr((list(files), list(map(tuple, files.values())))))
        known = self._load("project.json")
        if known and known[0] == signature:
            digest = str(known[1])
        else:
            self._digests, settled = self._read(files)
            digest = digest_of_all(self._digests)
            if settled:
                self._store("project.json", [signature, digest])
        overlay = self._overlaid()
        return hashed(repr((digest, sorted(overlay.items())))) if overlay else digest

    def digests(self) -> Mapping[str, str]:
        """The digest of each file of the last ``digest``; empty where it cannot be read."""
        if not self._digests:
            self._digests, _ = self._read(self._files)
        return {**self._digests, **self._overlaid()}

    def _overlaid(self) -> dict[str, str]:
        return {path: digest_of(self._contents[path]) for path in self._contents.overlay}

    def contents_of(
        self, files: Iterable[str], overlay: Mapping[str, str] = MappingProxyType({})
    ) -> Contents:
        """What is in ``files``; ``overlay`` are texts that stand in for some."""
        return Contents(self._root, files, overlay)

    def result(self, key: str) -> Any:
        """The result that was kept under ``key``; None if there is none."""
        found = self._load(f"results/{key}.json")
        if found is not None:
            self._touch(f"results/{key}.json")
        return found

    def keep_results(self, results: Mapping[str, object]) -> None:
        """Keep ``results``, each by its key, if the files of the last ``digest`` have not changed meanwhile."""
        if self._is_unchanged():
            for key, value in results.items():
                self._store(f"results/{key}.json", value)

    def kept(self, name: str) -> Any:
        """What was last kept under ``name``, whatever the content of the files was; None if nothing was."""
        return self._load(f"{name}.json")

    def keep(self, name: str, value: object) -> None:
        """Keep ``value`` under ``name``."""
        self._store(f"{name}.json", value)

    def reuse(
        self, key: str, compute: Callable[[], _Json], is_sound: Callable[[_Json], bool] = lambda _: True
    ) -> _Json:
        """The stored JSON value of ``key``, else that of ``compute``, which then is stored.

        Runs that want the same value at the same time compute it once. A value is not stored if a file
        of the last ``digest`` has changed meanwhile, or if it is not ``is_sound``.
        """
        found: _Json | None = self._load(f"results/{key}.json")
        if found is None:
            with self._lock():
                found = self._load(f"results/{key}.json")
                if found is None:
                    found = compute()
                    if is_sound(found) and self._is_unchanged():
                        self._store(f"results/{key}.json", found)
                        self._prune()
        return found

    def _is_unchanged(self) -> bool:
        """Whether the files are still those of the last ``digest``."""
        return self._enabled and stats(self._root, self._files) == self._files

    def _touch(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.utime(self._folder / name)

    def _read(self, files: Mapping[str, Stat]) -> tuple[dict[str, str], bool]:
        """The digests of ``files``, reading what the manifest does not know; and whether all are settled."""
        manifest = self._load("manifest.json") or {}
        settled: dict[str, list[object]] = {}
        contents: dict[str, str] = {}
        horizon = time.time_ns() - UNSETTLED_NS
        for path, status in files.items():
            known = manifest.get(path)
            content = known[-1] if known and known[:-1] == [*status] else self._content(path)
            if content and max(status.modified, status.changed) < horizon:
                settled[path] = [*status, content]
            contents[path] = content
        if settled != manifest:
            self._store("manifest.json", settled)
        return contents, len(settled) == len(files)

    def _content(self, path: str) -> str:
        """A digest of what is in a file; empty if it cannot be read."""
        data = self._contents.saved(path)
        return "" if data is None else digest_of(data)

    def _load(self, name: str) -> Any:
        if not self._enabled:
            return None
        path = self._folder / name
        try:
            seal, _, body = (path.read_bytes() if path.is_file() else b"").partition(b"\n")
        except OSError:
            return None
        return json.loads(body) if seal == _seal(body) else None

    def _store(self, name: str, value: object) -> None:
        """Write all or nothing; a reader meets the old value or the new one."""
        if not self._enabled:
            return
        body = json.dumps(value, separators=(",", ":")).encode()
        aside = self._folder / "results" / f"{os.getpid()}-{time.monotonic_ns()}.part"
        with contextlib.suppress(OSError):
            self._prepare()
            try:
                aside.write_bytes(_seal(body) + b"\n" + body)
                aside.replace(self._folder / name)
            finally:
                aside.unlink(missing_ok=True)

    def _prepare(self) -> None:
        (self._folder / "results").mkdir(parents=True, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            if not (self._folder / name).exists():
                (self._folder / name).write_text(text)

    def _prune(self) -> None:
        with contextlib.suppress(OSError):
            by_age = sorted((self._folder / "results").iterdir(), key=lambda path: path.stat().st_mtime_ns)
            for path in by_age[:-KEPT_RESULTS]:
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the project's lock, or go on without it where there can be none: it only saves work."""
        if not self._enabled:
            yield
            return
        from filelock import FileLock, Timeout

        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError, NotImplementedError, Timeout):
                self._prepare()
                held.enter_context(FileLock(self._folder / "lock").acquire(timeout=LOCK_SECONDS))
            yield


def key_of(*parts: object) -> str:
    """A key for what this very program computes from ``parts``, whose ``repr`` must say all about them."""
    return hashed(repr((_identity(), parts)))


def digest_of_all(contents: Mapping[str, str]) -> str:
    """The digest of files in their order, from those of their contents."""
    return hashed(repr(list(contents.items())))


def _seal(body: bytes) -> bytes:
    return digest_of(body, _identity().encode()).encode()


@functools.cache
def _identity() -> str:
    """Tells this installation of the tool and of the rules beside it, on this machine, under this Python.

    It is made from what the file system says of the tool's own files and not from their content: nobody can
    foretell it, so a cache that came with a project, to hide a finding, never fits.
    """
    package = Path(__file__).parent
    own = stats(package, sorted(path for path in walk(os.fspath(package)) if path.endswith(".py")))
    return hashed(repr((__version__, sys.version, own, signature())))
