"""Which folders of tests that the policy names a call of pytest, or of unittest, runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import normpath

from phase12_lint.enforcement.braces import spread
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Folder
from phase12_lint.enforcement.options import options
from phase12_lint.enforcement.project import ProjectFiles, at

_LOOKS_ONLY = {
    *("--collect-only", "--co", "--version", "-V", "-h", "--help", "--fixtures", "--funcargs", "--markers"),
    *("--setup-plan", "--fixtures-per-test", "--trace-config", "--cache-show"),
}
_IGNORING = ("--ignore", "--deselect", "--ignore-glob")
_WITH_PATHS = {*_IGNORING, "--rootdir", "--confcutdir", "--cov", "--junitxml", "--junit-xml", "--basetemp"}
_SHORT = re.compile(r"-[a-zA-Z]*?([kmpcnoWrD])(.*)", re.DOTALL)  # those with a value, behind others or not
_UNKNOWN = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\$@|\$\*")
_HERE = re.compile(r"^(\$\{?(PWD|GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?|\$\{\{\s*github\.workspace\s*\}\})/")


def duties(words: list[str], project: ProjectFiles, folder: str) -> Duties:
    """What ``pytest`` with the arguments ``words``, started in ``folder``, runs of the folders of tests."""
    words = [*project.pytest_setting("addopts"), *words]
    if _LOOKS_ONLY.intersection(words):
        return {}
    told = list(_options(words, project, folder))
    paths = [_at(folder, each) for name, value in told if not name for each in spread(value)]
    paths = [path for path in paths if path == "." or path.strip("*/.")]
    if not paths and not folder:
        paths = [_at("", path) for path in project.pytest_setting("testpaths")]
    left_out = [_at(folder, value) for name, value in told if name in _IGNORING]
    skipped = project.pytest_setting("norecursedirs")
    return {
        tests.duty: ""
        for tests in project.folders
        if any(_reaches(path, tests, skipped) for path in paths or [folder or "."])
        and not any(_covers(path, tests) for path in left_out)
        and all(_is_taken(tests, name, value) for name, value in told)
    }


def of_unittest(words: list[str], project: ProjectFiles, folder: str) -> Duties:
    """What ``python -m unittest`` with the arguments ``words`` runs of them."""
    told = list(options(words, {"-s", "--start-directory", "-p", "-t", "-k"}))
    start = [value for name, value in told if name in ("-s", "--start-directory")]
    named = [value for name, value in told if not name and value != "discover"]
    paths = start or [word if "/" in word else word.replace(".", "/") for word in named] or ["."]
    covers = (tests for tests in project.folders if any(_covers(at(folder, path), tests) for path in paths))
    return {tests.duty: "" for tests in covers}


def _options(words: list[str], project: ProjectFiles, folder: str) -> Iterator[tuple[str, str]]:
    """The options with their values, and the paths under an empty name.

    Pytest's plugins have options that nobody knows all: what follows one is its value, unless it is a path.
    """
    pending = list(words)
    while pending:
        word = pending.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield "", word
        elif match := _SHORT.fullmatch(word):
            yield f"-{match[1]}", match[2].removeprefix("=") or (pending.pop(0) if pending else "")
        elif word.startswith("--"):
            following = pending[0] if pending and not equals else "-"
            path = _at(folder, following)
            is_path = project.exists(path) or any(_covers(path, tests) for tests in project.folders)
            if not following.startswith("-") and (name in _WITH_PATHS or not is_path):
                value = pending.pop(0)
            yield name, value


def _at(folder: str, path: str) -> str:
    """``path`` as seen from the root; what is not known in it is ``*``."""
    here = _HERE.match(path)
    return normpath(_UNKNOWN.sub("*", path[here.end() :])) if here else at(folder, _UNKNOWN.sub("*", path))


def _reaches(path: str, tests: Folder, skipped: list[str]) -> bool:
    """Whether pytest, told to look at ``path``, comes to ``tests``, for all the folders that it skips."""
    below = tests.path.split("/")[0 if path == "." else path.count("/") + 1 :]
    is_skipped = any(fnmatchcase(part, pattern) for part in below for pattern in skipped)
    return _covers(path, tests) and not is_skipped


def _covers(path: str, tests: Folder) -> bool:
    """Whether ``path`` is ``tests`` or above it; tests that do not exist (GOV704) may be looked for deeper."""
    parts = tests.path.split("/")
    if path == "." or any(fnmatchcase("/".join(parts[:end]), path) for end in range(1, len(parts) + 1)):
        return True
    return not tests.exists and fnmatchcase(tests.path, "/".join(path.split("/")[-len(parts) :]))


def _is_taken(tests: Folder, option: str, value: str) -> bool:
    """Whether ``option`` lets a test of ``tests`` be taken, if words that are not its folder's fit none."""
    if option not in ("-k", "-m") or "$" in value:  # which may take them
        return True
    path, name = tests.path.lower(), _plain(tests.path.rpartition("/")[2])
    return truth(value, lambda word: word.lower() in path if option == "-k" else _plain(word) == name) is True


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
