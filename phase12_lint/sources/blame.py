"""Who last changed a line of a file, and when, as git tells it.

What git cannot tell is said and never guessed: an ``Author`` is known, or its ``unknown`` says why not. A line that was
reformatted, moved within its file, or moved from a file that the same commit changed keeps its author
(``git blame -w -M -C``), whatever the file was called; so it does through the revisions that the repository's
``.git-blame-ignore-revs`` names. ``.mailmap`` is respected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from os.path import realpath
from pathlib import Path
from typing import NamedTuple

from phase12_lint.sources.decode import SourceError, decode, split_lines
from phase12_lint.sources.git import ask_git

NO_GIT = "git is not installed"
NO_REPOSITORY = "not in a git repository"
UNCOMMITTED = "not committed yet"
SHALLOW = "this clone is shallow: 'git fetch --unshallow' brings the history"
NO_ANSWER = "'git blame' fails on this file"

_BLAME = ("blame", "--porcelain", "-w", "-M", "-C", "--encoding=UTF-8", "--no-textconv")
_IGNORED_REVISIONS = ".git-blame-ignore-revs"
_LINE = re.compile(rb"([0-9a-f]{40,64}) \d+ (\d+)")


class Author(NamedTuple):
    """Who last changed a line, in which commit, and when: the author's date, in seconds since 1970, and the offset of
    the author's clock from UTC in minutes. With ``unknown``, which says why, all the rest is empty."""

    name: str = ""
    email: str = ""
    commit: str = ""
    time: int = 0
    offset: int = 0
    unknown: str = ""


class _Repository(NamedTuple):
    top: str
    grafted: frozenset[str]  # the commits whose parents a shallow clone does not have


def authors(path: Path, lines: Iterable[int]) -> Mapping[int, Author]:
    """The author of each of ``lines``, by number as git counts them (``lines_of_git``); git is asked once."""
    wanted = sorted(set(lines))
    file = Path(realpath(path))
    found = _found(file, wanted)
    if isinstance(found, str):
        return dict.fromkeys(wanted, Author(unknown=found))
    return {line: found.get(line, Author(unknown=NO_ANSWER)) for line in wanted}


def lines_of_git(data: bytes, lines: Iterable[int]) -> dict[int, int]:
    """The number that git gives each of ``lines`` of a source file: to git, a lone carriage return ends no line."""
    if b"\r" not in data:
        return {line: line for line in lines}
    try:
        parts = split_lines(decode(data))
    except SourceError:
        return {line: line for line in lines}
    return {line: 1 + sum(part.endswith("\n") for part in parts[: line - 1]) for line in lines}


def _found(file: Path, lines: list[int]) -> Mapping[int, Author] | str:
    repository = _repository(file.parent)
    if repository is None:
        return NO_GIT if ask_git(file.parent, "--version") is None else NO_REPOSITORY
    answer = _asked(file, lines, repository)
    if answer is None:
        is_known = ask_git(file.parent, "cat-file", "-e", f"HEAD:./{file.name}") is not None
        return NO_ANSWER if is_known else UNCOMMITTED
    return _read(answer, repository.grafted)


@cache
def _repository(folder: Path) -> _Repository | None:
    """The repository that ``folder`` is in: a submodule and a further worktree are one of their own."""
    top = _path(ask_git(folder, "rev-parse", "--show-toplevel"))
    if not top:
        return None
    shallow = Path(folder, _path(ask_git(folder, "rev-parse", "--git-path", "shallow")))
    return _Repository(top, frozenset(shallow.read_text().split()) if shallow.is_file() else frozenset())


def _path(answer: bytes | None) -> str:
    return (answer or b"").decode("utf-8", "surrogateescape").removesuffix("\n")


def _asked(file: Path, lines: list[int], repository: _Repository) -> bytes | None:
    ignored = Path(repository.top, _IGNORED_REVISIONS)
    skipping = ["--ignore-revs-file", str(ignored)] if ignored.is_file() else []
    ranges = [f"-L{first},{last}" for first, last in _runs(lines)]
    for option in (
        (skipping, []) if skipping else ([],)
    ):  # a list that git cannot read must not cost the answer
        answer = ask_git(file.parent, *_BLAME, *option, *ranges, "--", file.name)
        if answer is not None:
            return answer
    return None


def _runs(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Sorted ``lines`` as stretches."""
    first = last = lines[0]
    for line in lines[1:]:
        if line != last + 1:
            yield first, last
            first = line
        last = line
    yield first, last


def _read(answer: bytes, grafted: frozenset[str]) -> dict[int, Author]:
    """The authors by line in the answer of ``git blame --porcelain``, which describes each commit once."""
    said: dict[str, dict[bytes, str]] = {}
    of_line: dict[int, str] = {}
    commit = ""
    for text in answer.split(b"\n"):
        begin = _LINE.match(text)
        if begin:
            commit = begin[1].decode()
            of_line[int(begin[2])] = commit
        elif commit and not text.startswith(b"\t"):
            key, _, value = text.partition(b" ")
            said.setdefault(commit, {})[key] = value.decode("utf-8", "surrogateescape")
    return {line: _author(commit, said.get(commit, {}), grafted) for line, commit in of_line.items()}


def _author(commit: str, said: Mapping[bytes, str], grafted: frozenset[str]) -> Author:
    if not commit.strip("0"):
        return Author(unknown=UNCOMMITTED)
    if commit in grafted:
        return Author(unknown=SHALLOW)
    zone = said.get(b"author-tz", "+0000")
    minutes = int(zone[1:3]) * 60 + int(zone[3:5])
    return Author(
        said.get(b"author", ""),
        said.get(b"author-mail", "").removeprefix("<").removesuffix(">"),
        commit,
        int(said.get(b"author-time", "0")),
        -minutes if zone.startswith("-") else minutes,
    )
