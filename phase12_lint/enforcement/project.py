"""The project's own files, as far as they are asked for, and the folders of tests that its policy names."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Mapping
from configparser import ConfigParser, Error
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import dirname, normpath
from typing import Any

from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.facts import Folder, Place, line_of
from phase12_lint.enforcement.tests import count
from phase12_lint.policy import Policy
from phase12_lint.sources import list_files, read_bytes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

_LARGEST = 1_000_000  # bytes of a file that is read as configuration or script


class ProjectFiles:
    """The files below ``root``. What leads out of it does not exist.

    ``policy`` names the folders of tests; ``policy_file`` is where it was read, if it was ``--config``.
    ``instead`` holds texts that stand in for files; None for files and folders that are taken not to be there.
    """

    def __init__(
        self, root: Path, policy: Policy, policy_file: str = "", instead: Mapping[str, str | None] = {}
    ) -> None:
        self.root = root
        self._policy, self._policy_file = policy, policy_file
        self._texts: dict[str, str | None] = dict(instead)
        self._absent = tuple(path for path, text in instead.items() if text is None)

    def is_absent(self, path: str) -> bool:
        """Whether ``path`` is taken not to be there."""
        return any(path == each or path.startswith(f"{each}/") for each in self._absent)

    def read(self, path: str) -> str | None:
        """The text of a file, by its path relative to the root; None if there is none."""
        if path not in self._texts:
            self._texts[path] = None if self.is_absent(path) else self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        try:
            file = (self.root / path).resolve()
            if not file.is_relative_to(self.root.resolve()) or not file.is_file():
                return None
            with file.open("rb") as opened:
                content = opened.read(_LARGEST + 1)
            if b"\0" in content:  # a compiled program, such as `.venv/bin/ruff`: no text says what it runs
                return None
            if len(content) > _LARGEST:
                cut(f"{path} is larger than {_LARGEST} bytes, and was not read")
                return None
            return content.decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return None

    def names(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The paths of the files of ``folder`` with one of ``suffixes``, sorted."""
        try:
            files = sorted(path for path in (self.root / folder).iterdir() if path.suffix in suffixes)
        except OSError:
            return []
        found = [normpath(f"{folder}/{path.name}") for path in files if path.is_file()]
        return [path for path in found if not self.is_absent(path)]

    def fitting(self, pattern: str) -> list[str]:
        """The paths of the files that ``pattern`` stands for: itself, or those of its folder that it fits."""
        if "*" not in pattern:
            return [pattern]
        folder, suffix = dirname(pattern.partition("*")[0]) or ".", PurePosixPath(pattern).suffix
        return [path for path in self.names(folder, (suffix,)) if fnmatchcase(path, pattern)]

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at ``path``."""
        try:
            return (self.root / path).exists() and not self.is_absent(path)
        except (OSError, ValueError):
            return False

    @cached_property
    def files(self) -> list[str]:
        """The paths of all files of Python."""
        return [path for path in list_files(self.root) if not self.is_absent(path)]

    def toml(self, path: str) -> Mapping[str, Any]:
        """The table that a file is; an empty one if it cannot be read."""
        try:
            return tomllib.loads(self.read(path) or "")
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    @cached_property
    def _tools(self) -> object:
        return self.toml("pyproject.toml").get("tool")

    def tool(self, *names: str) -> Mapping[str, Any]:
        """The table under ``names`` in the table ``tool`` of ``pyproject.toml``; empty if there is none."""
        found = self._tools
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def pytest_setting(self, key: str) -> list[str]:
        """The words under ``key`` in pytest's configuration: that of the first file that has one."""
        sections = (
            self.tool("pytest", "ini_options") if not name else ini(self.read(path) or "").get(name, {})
            for path, name in _PYTEST_FILES.items()
        )
        value = next(filter(None, sections), {}).get(key, "")
        return list(map(str, value)) if isinstance(value, list) else _words(str(value))

    @cached_property
    def section(self) -> Place:
        """The line at which the policy begins, or the first of the file in which it would be written."""
        if self._policy_file:
            return line_of(self._policy_file)
        for path, header in _SECTIONS.items():
            for number, line in enumerate((self.read(path) or "").splitlines(), 1):
                if header.match(line.strip()):
                    return line_of(path, number)
        written = (each for each in reversed(_SECTIONS) if self.read(each) is not None)
        return line_of(next(written, "setup.cfg"))

    @cached_property
    def folders(self) -> tuple[Folder, ...]:
        """The folders of tests that the policy names, in its order."""
        places = {
            normpath(name): line_of(*origin)
            for key, name, origin in self._policy.origins
            if key == "phase-tests"
        }
        return tuple(self._folder(name, places.get(name, self.section)) for name in self._policy.phase_tests)

    def _folder(self, name: str, place: Place) -> Folder:
        """The folder ``name`` of the root, or else the nearest one whose path ends so: one with tests comes first."""
        below = re.compile(rf"((?:.*?/)?{re.escape(name)})/")
        found: dict[str, int] = {}
        for path in self.files:
            match = below.match(path)
            if match:
                found[match[1]] = found.get(match[1], 0) + self._tests_in(path)
        best = min(found, key=lambda folder: (not found[folder], folder.count("/"), folder), default=name)
        return Folder(place, best, found.get(best, 0), self.exists(best))

    def _tests_in(self, path: str) -> int:
        """How many tests pytest would take from a file, by its default names."""
        name = PurePosixPath(path).name
        if not (name.startswith("test_") or name.endswith("_test.py")):
            return 0
        try:
            tree = ast.parse(read_bytes(self.root, path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return 0
        return count(tree)


_SECTIONS = {
    "setup.cfg": re.compile(r"^\[phase12-lint(:.*)?\]"),
    "pyproject.toml": re.compile(r"^\[tool\.\"?phase12-lint\"?(\..*)?\]"),
}
_PYTEST_FILES = {
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": "",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}  # in the order in which pytest looks


def at(folder: str, path: str) -> str:
    """``path`` as seen from the root, if it is meant from ``folder``."""
    return normpath(f"{folder}/{path}" if folder and not path.startswith("/") else path)


def ini(text: str) -> dict[str, dict[str, str]]:
    """The sections of a file of settings; none if it cannot be read."""
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
