"""The files of a commit, read from git's objects: the working tree, the index and the hooks are left alone.

``HistoryError``: git does not have what is asked for.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from phase12_lint.sources.git import ask_git

CONFIGURATION = frozenset({"setup.cfg", "pyproject.toml"})
_SUBMODULE, _LINK = "160000", "120000"


class HistoryError(Exception):
    """What git lacks, and what to do about it, in one line."""


class Blob(NamedTuple):
    """A file of a commit: where it stands, and which object of which repository holds it."""

    path: str
    mode: str
    object_id: str
    repository: str


def list_tree(folder: Path, commit: str, prefix: str = "", scripts: Collection[str] = ()) -> list[Blob]:
    """The Python files that ``commit`` has below ``folder``, its configuration there, and those of ``scripts``.

    They are the files that ``sources.scan`` would list in a checkout: submodules that are checked out count,
    virtual environments do not. Paths begin with ``prefix``. Raises ``HistoryError``.
    """
    listing = ask_git(folder, "ls-tree", "-r", "-z", commit)
    if listing is None:
        where = f"the submodule {prefix.rstrip('/')}" if prefix else str(folder)
        raise HistoryError(
            f"--diff-base: {where} lacks the commit {commit[:12]}; fetch it there with 'git fetch'"
        )
    entries = list(_entries(listing))
    environments = tuple(path[: -len("pyvenv.cfg")] for _, _, path in entries if path.endswith("/pyvenv.cfg"))
    blobs = []
    for mode, object_id, path in entries:
        if path.startswith(environments) or not _is_inside(path):
            continue
        if mode == _SUBMODULE:
            if (folder / path / ".git").exists() and not PurePosixPath(path).name.startswith("."):
                blobs += list_tree(folder / path, object_id, f"{prefix}{path}/", scripts)
        elif path.endswith(".py") or prefix + path in scripts or (not prefix and path in CONFIGURATION):
            blobs.append(Blob(prefix + path, mode, object_id, str(folder)))
    return blobs


def unpack(blobs: Iterable[Blob], folder: Path) -> None:
    """Write ``blobs`` into ``folder``, byte for byte as they are stored. Raises ``HistoryError``."""
    by_repository = defaultdict(list)
    for blob in blobs:
        by_repository[blob.repository].append(blob)
    links = []
    for repository, held in by_repository.items():
        for blob, data in zip(held, _contents(repository, held)):
            if blob.mode == _LINK:
                links.append((folder / blob.path, data))
                continue
            (folder / blob.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / blob.path).write_bytes(data)
    for path, target in links:  # last, so that nothing is written through one
        with contextlib.suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(os.fsdecode(target))


def _entries(listing: bytes) -> Iterator[tuple[str, str, str]]:
    """Mode, object and path of each entry of ``git ls-tree -z``."""
    for entry in filter(None, os.fsdecode(listing).split("\0")):
        about, _, path = entry.partition("\t")
        mode, _, object_id = about.split()
        yield mode, object_id, path


def _is_inside(path: str) -> bool:
    """Whether a path that somebody else wrote stays in the folder that it is relative to."""
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _contents(repository: str, blobs: Sequence[Blob]) -> Iterator[bytes]:
    """The content of each of ``blobs``, from one process."""
    wanted = "".join(f"{blob.object_id}\n" for blob in blobs).encode()
    answer = ask_git(repository, "cat-file", "--batch", given=wanted)
    at = 0
    for blob in blobs:
        head, _, _ = (answer or b"")[at : at + 200].partition(b"\n")
        words = head.split()
        if answer is None or len(words) != 3 or words[1] != b"blob":
            raise HistoryError(
                f"--diff-base: git cannot read {blob.path} ({blob.object_id[:12]}) in {repository}"
            )
        begin = at + len(head) + 1
        at = begin + int(words[2]) + 1
        yield answer[begin : at - 1]
