"""Find the Python files of a project: as git lists them, or in a plain folder by walking it."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from phase12_lint.patterns import matching

_LISTING = ("ls-files", "-z", "-t", "--stage", "--others", "--exclude-standard")
_SUBMODULE = "H 160000 "
_OF_INTEREST = (".py", "/", "/pyvenv.cfg")
_NOT_SOURCE = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages"})
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Stat(NamedTuple):
    """What the file system says of a file; a changed file differs. Times in nanoseconds."""

    size: int
    modified: int
    changed: int
    inode: int


def list_files(root: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    """The Python files of the project at ``root``: paths relative to it, with ``/``, sorted.

    ``exclude`` holds patterns as in ``.gitignore``. A name that is not UTF-8 holds lone surrogates.
    """
    return list(scan(root, exclude))


def scan(
    root: Path,
    exclude: tuple[str, ...] = (),
    scripts: Iterable[str] = (),
    unlisted: list[str] | None = None,
) -> dict[str, Stat]:
    """What ``list_files`` lists, each with what tells whether it has changed; ``scripts`` are listed as well.

    Folders that may not be listed are added to ``unlisted``, with a ``/`` at the end.
    """
    paths = _find(os.fspath(root))
    if unlisted is not None:
        unlisted += sorted(without_excluded([path for path in paths if path.endswith("/")], exclude))
    found = [path for path in paths if path.endswith(".py")]
    return stats(root, sorted(set(without_excluded([*found, *scripts], exclude))))


def stats(root: Path, paths: Iterable[str]) -> dict[str, Stat]:
    """Those of ``paths`` that are files; one that may not be looked at counts, as reading it tells why."""
    folder = os.fspath(root)
    known = {}
    for path in paths:
        try:
            status = os.stat(f"{folder}/{path}")  # noqa: PTH116 a Path for each of thousands of files is slow
        except OSError as error:
            if error.errno not in _ABSENT:
                known[path] = Stat(0, 0, 0, 0)
        else:
            if stat.S_ISREG(status.st_mode):
                known[path] = Stat(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return known


def read_bytes(root: Path, path: str) -> bytes:
    """The content of one of the listed files; raises ``OSError`` if it cannot be read."""
    with io.FileIO(f"{root}/{path}") as file:
        return file.readall()


def without_excluded(paths: list[str], exclude: tuple[str, ...]) -> list[str]:
    """Those of ``paths`` that none of the patterns ``exclude``, as in ``.gitignore``, leaves out."""
    excluded = matching(paths, exclude)
    return [path for path in paths if path not in excluded] if excluded else paths


def _find(folder: str) -> list[str]:
    """Every file below ``folder`` by git's list; by a walk where git knows nothing of it.

    A path with a ``/`` at the end is a folder that may not be listed.
    """
    above = Path(folder).absolute()
    if any((parent / ".git").exists() for parent in (above, *above.parents)):
        return _git_files(folder) or list(walk(folder))
    return list(walk(folder))


def _git_files(folder: str) -> list[str]:
    """What git lists below ``folder``, repositories in it included; nothing where git cannot or does not."""
    entries = list(_git_entries(folder))
    environments = tuple(path[: -len("pyvenv.cfg")] for _, path in entries if path.endswith("/pyvenv.cfg"))
    files = []
    for is_submodule, path in entries:
        if path.startswith(environments):
            continue
        if is_submodule or path.endswith("/"):
            inner = path.rstrip("/")
            if _is_part(f"{folder}/{inner}"):
                files += [f"{inner}/{file}" for file in _find(f"{folder}/{inner}")]
        else:
            files.append(path)
    return files


def _git_entries(folder: str) -> Iterator[tuple[bool, str]]:
    """Of each entry of interest: is it a submodule, and its path; an untracked repository ends in ``/``."""
    from phase12_lint.sources.git import ask_git

    listing = ask_git(folder, *_LISTING) or b""
    for entry in os.fsdecode(listing).split("\0"):
        is_submodule = entry.startswith(_SUBMODULE)
        if is_submodule or entry.endswith(_OF_INTEREST):
            yield is_submodule, entry[2:] if entry.startswith("? ") else entry.partition("\t")[2]


def _is_part(repository: str) -> bool:
    """Whether a repository inside another is code of the project: not hidden, no second worktree of it."""
    link = Path(repository, ".git")
    if Path(repository).name.startswith(".") or not link.exists():
        return False
    return link.is_dir() or "/worktrees/" not in link.read_text("utf-8", "replace").replace("\\", "/")


def walk(root: str) -> Iterator[str]:
    """Every file below a plain folder, without folders that are hidden or hold no source of the project.

    A folder that may not be listed is there itself, with a ``/`` at the end.
    """
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                inside = list(entries)
        except OSError as error:
            if folder and error.errno not in _ABSENT:
                yield folder
            continue
        names = {entry.name for entry in inside}
        if folder and ".git" in names:
            yield from (folder + file for file in _find(f"{root}/{folder}"[:-1]))
        elif not (folder and _is_generated(names)):
            for entry in inside:
                if not entry.is_dir(follow_symlinks=False):
                    yield folder + entry.name
                elif not (entry.name.startswith(".") or entry.name in _NOT_SOURCE):
                    pending.append(f"{folder}{entry.name}/")


def _is_generated(names: set[str]) -> bool:
    """Whether a folder is a virtual environment, or what setuptools built."""
    if "pyvenv.cfg" in names:
        return True
    return "lib" in names and all(
        name == "lib" or name.startswith(("lib.", "bdist.", "temp.")) for name in names
    )
