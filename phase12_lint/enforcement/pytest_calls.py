"""Which folders of tests that the policy names a call of pytest, or of unittest, runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import normpath

from phase12_lint.enforcement.braces import spread
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Folder
from phase12_lint.enforcement.project import ProjectFiles, at

_FLAGS = {
    *("--exitfirst", "--verbose", "--quiet", "--no-header", "--no-summary", "--strict-markers", "--strict"),
    *("--disable-warnings", "--disable-pytest-warnings", "--lf", "--last-failed", "--ff", "--failed-first"),
    *("--no-cov", "--cov-append", "--cov-branch", "--strict-config", "--doctest-modules", "--full-trace"),
    *("--runxfail", "--stepwise", "--sw", "--new-first", "--nf", "--cache-clear", "--showlocals", "--pyargs"),
    *("--cov", "--noconftest", "--keep-duplicates", "--forked", "--benchmark-skip", "--benchmark-disable"),
}
_VALUED = {"-k", "-m", "-p", "-c", "-n", "-o", "-W", "-r", "-D"}
_LOOKS_ONLY = {
    *("--collect-only", "--co", "--version", "-V", "-h", "--help", "--fixtures", "--funcargs", "--markers"),
    *("--setup-plan", "--fixtures-per-test", "--trace-config", "--cache-show"),
}
_UNKNOWN = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\$@|\$\*")
_HERE = re.compile(r"^(\$\{?(PWD|GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?|\$\{\{\s*github\.workspace\s*\}\})/")


def duties(words: list[str], project: ProjectFiles, folder: str) -> Duties:
    """What ``pytest`` with the arguments ``words``, started in ``folder``, runs of the folders of tests."""
    words = [*project.pytest_setting("addopts"), *words]
    if _LOOKS_ONLY.intersection(words):
        return {}
    options = list(_options(words, project, folder))
    paths = [_at(folder, each) for name, value in options if not name for each in spread(value)]
    paths = [path for path in paths if path == "." or path.strip("*/.")]
    if not paths and not folder:
        paths = [_at("", path) for path in project.pytest_setting("testpaths")]
    ignored = ("--ignore", "--deselect", "--ignore-glob")
    left_out = [_at(folder, value) for name, value in options if name in ignored]
    keywords = [value for name, value in options if name == "-k"]
    marks = [value for name, value in options if name == "-m"]
    skipped = project.pytest_setting("norecursedirs")
    found: Duties = {}
    for tests in project.folders:
        covered = any(_reaches(path, tests, skipped) for path in paths or [folder or "."])
        covered = covered and not any(_covers(path, tests) for path in left_out)
        if covered and _is_selected(tests, keywords, marks):
            found[tests.duty] = ""
    return found


def of_unittest(words: list[str], project: ProjectFiles, folder: str) -> Duties:
    """What ``python -m unittest`` with the arguments ``words`` runs of them."""
    start = next(
        (words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-s", "--start-directory")), ""
    )
    named = [word for word in words if not word.startswith("-") and word != "discover"]
    paths = [start] if start else [word if "/" in word else word.replace(".", "/") for word in named] or ["."]
    return {
        tests.duty: ""
        for tests in project.folders
        if any(_covers(_at(folder, path), tests) for path in paths)
    }


def _options(words: list[str], project: ProjectFiles, folder: str) -> Iterator[tuple[str, str]]:
    """The options with their values, and the paths under an empty name."""
    pending = list(words)
    while pending:
        word = pending.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            yield "", word
        elif word.startswith("--"):
            if not equals and pending and _is_value(name, pending[0], project, folder):
                value = pending.pop(0)
            yield name, value
        elif match := re.fullmatch(r"-[a-zA-Z]*?([kmpcnoWrD])(.*)", word, re.DOTALL):
            yield f"-{match[1]}", match[2].removeprefix("=") or (pending.pop(0) if pending else "")


def _is_value(option: str, word: str, project: ProjectFiles, folder: str) -> bool:
    """Whether ``word`` belongs to the ``option`` before it: pytest's plugins have options that nobody knows all."""
    if option in _FLAGS or word.startswith("-"):
        return False
    if option in ("--ignore", "--deselect", "--ignore-glob", "--rootdir", "--confcutdir"):
        return True
    path = _at(folder, word)
    return not project.exists(path) and not any(tests.path == path for tests in project.folders)


def _at(folder: str, path: str) -> str:
    """``path`` as seen from the root; what is not known in it is ``*``."""
    here = _HERE.match(path)
    return normpath(_UNKNOWN.sub("*", path[here.end() :])) if here else at(folder, _UNKNOWN.sub("*", path))


def _reaches(path: str, tests: Folder, skipped: list[str]) -> bool:
    """Whether pytest, told to look at ``path``, comes to ``tests``, for all the folders that it skips."""
    if not _covers(path, tests):
        return False
    below = tests.path.split("/")[0 if path == "." else path.count("/") + 1 :]
    return not any(fnmatchcase(part, pattern) for part in below for pattern in skipped)


def _covers(path: str, tests: Folder) -> bool:
    """Whether ``path`` is ``tests`` or above it; tests that do not exist (GOV704) may be looked for deeper."""
    parts = tests.path.split("/")
    if path == "." or any(fnmatchcase("/".join(parts[:end]), path) for end in range(1, len(parts) + 1)):
        return True
    return not tests.exists and fnmatchcase(tests.path, "/".join(path.split("/")[-len(parts) :]))


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


def _is_selected(tests: Folder, keywords: list[str], marks: list[str]) -> bool:
    """Whether a test of ``tests`` is taken, if words that are not its folder's fit none."""
    path, name = tests.path.lower(), _plain(tests.path.rpartition("/")[2])
    return all(truth(text, lambda word: word.lower() in path) for text in keywords) and all(
        truth(text, lambda word: _plain(word) == name) for text in marks
    )
