"""The project's own files, as far as they are asked for, and the folders of its phases' tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from phase12_lint.enforcement.facts import PHASES, Folder
from phase12_lint.sources import list_files, read_bytes

_LARGEST = 1_000_000  # bytes of a file that is read as configuration or script


class ProjectFiles:
    """The files below ``root``. What leads out of it does not exist.

    ``instead`` holds texts that stand in for files; None for files and folders that are taken not to be there.
    """

    def __init__(self, root: Path, instead: Mapping[str, str | None] = {}) -> None:
        self.root = root
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
            if file.stat().st_size > _LARGEST:
                return None
            return file.read_bytes().decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return None

    def names(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The paths of the files of ``folder`` with one of ``suffixes``, sorted."""
        try:
            files = sorted(path for path in (self.root / folder).iterdir() if path.suffix in suffixes)
        except OSError:
            return []
        found = [f"{folder}/{path.name}" for path in files if path.is_file()]
        return [path for path in found if not self.is_absent(path)]

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at ``path``."""
        try:
            return (self.root / path).exists() and not self.is_absent(path)
        except (OSError, ValueError):
            return False

    @cached_property
    def folders(self) -> tuple[Folder, ...]:
        """The tests of each phase: the folder of that name nearest to the root."""
        files = [path for path in list_files(self.root) if not self.is_absent(path)]
        return tuple(self._folder(name, duty, files) for name, duty in PHASES.items())

    def _folder(self, name: str, duty: str, files: list[str]) -> Folder:
        found: dict[str, list[str]] = {}
        for path in files:
            parts = path.split("/")[:-1]
            if name in parts:
                found.setdefault("/".join(parts[: parts.index(name) + 1]), []).append(path)
        counted = {folder: sum(map(self._tests_in, paths)) for folder, paths in found.items()}
        best = min(counted, key=lambda folder: (not counted[folder], folder.count("/"), folder), default="")
        if best:
            return Folder(duty, best, counted[best], True)
        path = next((each for each in (f"tests/{name}", f"server/tests/{name}") if self.exists(each)), "")
        return Folder(duty, path or f"tests/{name}", 0, bool(path))

    def _tests_in(self, path: str) -> int:
        """How many tests pytest would take from a file, by its default names."""
        name = PurePosixPath(path).name
        if not (name.startswith("test_") or name.endswith("_test.py")):
            return 0
        try:
            tree = ast.parse(read_bytes(self.root, path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return 0
        return sum(map(_tests, tree.body))

    @cached_property
    def test_paths(self) -> tuple[str, ...]:
        """Where pytest looks if it is told nothing (``testpaths``); empty for everywhere."""
        for path in ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
            text = self.read(path) or ""
            section = _SECTION.search(text) if path not in ("pytest.ini", ".pytest.ini") else None
            if section is None and not path.endswith("pytest.ini"):
                continue
            match = _TEST_PATHS.search(text, section.end() if section else 0)
            if match is None:
                return ()
            return tuple(re.findall(r"[^\s,\"'\[\]]+", match[1]))
        return ()


_SECTION = re.compile(
    r"^\[(?:tool\.pytest\.ini_options|tool\.pytest|tool:pytest|pytest)\][^\n]*$", re.MULTILINE
)
_TEST_PATHS = re.compile(r"^(?!\[)testpaths\s*=\s*(\[[^\]]*\]|[^\n]*(?:\n[ \t]+[^\n]+)*)", re.MULTILINE)


def _tests(node: ast.stmt) -> int:
    """How many tests a statement of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return int(node.name.startswith("test"))
    if isinstance(node, ast.ClassDef):
        by_name = node.name.startswith("Test") or any("TestCase" in ast.unparse(base) for base in node.bases)
        return sum(map(_tests, node.body)) if by_name else 0
    if isinstance(node, (ast.If, ast.Try, ast.With)):
        return sum(map(_tests, node.body))
    return 0
