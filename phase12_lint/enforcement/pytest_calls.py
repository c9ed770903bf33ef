"""Which phases' tests a call of pytest runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import normpath

from phase12_lint.enforcement.facts import Duties
from phase12_lint.enforcement.project import ProjectFiles

_VALUED = {
    *(
        "-k",
        "-m",
        "-p",
        "-c",
        "-n",
        "-o",
        "-W",
        "--maxfail",
        "--junitxml",
        "--junit-xml",
        "--cov",
        "--cov-report",
    ),
    *("--cov-config", "--cov-fail-under", "--tb", "--durations", "--ignore", "--ignore-glob", "--deselect"),
    *(
        "--rootdir",
        "--confcutdir",
        "--basetemp",
        "--timeout",
        "--dist",
        "--numprocesses",
        "--log-level",
        "--color",
    ),
    *("--import-mode", "--override-ini", "--random-order-seed", "--reruns", "--html", "--asyncio-mode"),
}
_LOOKS_ONLY = {
    "--collect-only",
    "--co",
    "--version",
    "-h",
    "--help",
    "--fixtures",
    "--markers",
    "--setup-plan",
}
_UNKNOWN = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\$@|\$\*")


def duties(words: list[str], project: ProjectFiles, folder: str) -> Duties:
    """What ``pytest`` with the arguments ``words``, started in ``folder``, runs of the phases' tests."""
    if _LOOKS_ONLY.intersection(words):
        return {}
    options = list(_options(words))
    paths = [_at(folder, value) for name, value in options if not name]
    paths = [path for path in paths if path == "." or path.strip("*/.")]
    if not paths and not folder:
        paths = [_at("", path) for path in project.test_paths]
    paths = paths or [folder or "."]
    left_out = [
        _at(folder, value) for name, value in options if name in ("--ignore", "--deselect", "--ignore-glob")
    ]
    words_of = [value for name, value in options if name == "-k"]
    found: Duties = {}
    for tests in project.folders:
        name = tests.path.rpartition("/")[2]
        covered = any(_covers(path, tests.path, name) for path in paths)
        covered = covered and not any(_covers(path, tests.path, name) for path in left_out)
        if covered and all(name in text and "not " not in text for text in words_of):
            found[tests.duty] = ""
    return found


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """The options with their values, and the paths under an empty name."""
    pending = iter(words)
    for word in pending:
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            yield "", word
        elif equals:
            yield name, value
        elif name in _VALUED:
            yield name, next(pending, "")
        elif name[:2] == "-k":
            yield "-k", name[2:]


def _at(folder: str, path: str) -> str:
    """``path`` as seen from the root; what is not known in it is ``*``."""
    known = _UNKNOWN.sub("*", path)
    return normpath(f"{folder}/{known}" if folder else known)


def _covers(path: str, tests: str, name: str) -> bool:
    last = path.rpartition("/")[2]
    if path == "." or (last.startswith("phase") and fnmatchcase(name, last)):
        return True
    parts = tests.split("/")
    return any(fnmatchcase("/".join(parts[:end]), path) for end in range(1, len(parts) + 1))
