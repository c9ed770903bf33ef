"""Files that a user names: which project each is of, whether it is read, and what is read with it outside a project."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from phase12_lint.config import find_root, is_root
from phase12_lint.index.imports import imports_in, names_in
from phase12_lint.sources import read_bytes, scan, without_excluded
from phase12_lint.sources.git import ask_git

_SHEBANG = re.compile(rb"#![^\r\n]*\b(?:python|pypy|uv run|pipx run)")
_SHEBANG_BYTES = 256
NO_PYTHON = "it is not a Python file: its name does not end in .py, and its first line does not run Python"


class Home(NamedTuple):
    """Where a named file belongs: the root of its project. ``alone``: it is in none, so that nothing is read but what
    it imports, and ``root`` is its own folder."""

    root: Path
    alone: bool = False


def homes_of(start: Path, paths: Sequence[Path]) -> dict[Home, list[Path]]:
    """``paths`` by where they belong; without any, the project around ``start``, the working directory.

    The project around ``start`` comes first, if it holds the path. What is in no project is together in ``start`` if it
    can be, as a folder in ``start`` is. All are absolute.
    """
    if not paths:
        return {Home(find_root(start)): []}
    homes: dict[Home, list[Path]] = {}
    for path in paths:
        homes.setdefault(_home(start, path), []).append(path)
    in_no_project = not any(is_root(home.root) for home in homes)
    if len(homes) > 1 and in_no_project and all(path.is_relative_to(start) for path in paths):
        return {Home(start): list(paths)}
    return homes


def files_with(
    home: Home,
    named: Collection[str],
    exclude: tuple[str, ...],
    instead: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, ...]:
    """The files that are read where ``named`` are asked about, all relative to the root, with ``/``.

    ``exclude`` holds patterns as in ``.gitignore``, ``instead`` texts that stand in for files.
    """
    scripts = _scripts_among(home.root, named)
    if home.alone:
        modules = {path for path in named if path.endswith(".py") or path in instead}
        return _closure(home.root, modules.union(scripts), instead)
    return tuple(scan(home.root, exclude, scripts))


def why_unread(root: Path, path: str, exclude: tuple[str, ...], read: Collection[str]) -> str:
    """Why the named file or folder ``path`` of the project is not among the files ``read``; empty if it is."""
    is_folder = (root / path).is_dir()
    if path in (".", *read) or (is_folder and any(each.startswith(f"{path}/") for each in read)):
        return ""
    if not without_excluded([f"{path}/" if is_folder else path], exclude):
        return "`exclude` leaves it out"
    if path.endswith(".pyi"):
        return "it is a stub, which contains no code that runs"
    if not (is_folder or path.endswith(".py") or _scripts_among(root, [path])):
        return NO_PYTHON
    if ask_git(root, "check-ignore", "--", path):
        return "git ignores it"
    folder = root / path if is_folder else (root / path).parent
    if not os.access(folder, os.R_OK | os.X_OK):
        return "it may not be listed" if is_folder else "its folder may not be listed"
    if folder.resolve() != root.resolve() / folder.relative_to(root):
        return "no link to a folder is followed"
    return "it contains no Python file" if is_folder else "it is in a folder that is not searched"


def _closure(root: Path, named: Collection[str], instead: Mapping[str, str]) -> tuple[str, ...]:
    """``named`` files below ``root`` and those there that they import, directly or through others."""
    found: dict[str, None] = {}
    pending = list(named)
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = None
            pending += _imported(root, path, _content(root, path, instead))
    return tuple(sorted(found))


def _scripts_among(root: Path, paths: Collection[str]) -> tuple[str, ...]:
    """Those of ``paths`` that are Python by their first line alone, not by what they are called."""
    found = []
    for path in paths:
        if not path.endswith(".py"):
            try:
                with (root / path).open("rb") as file:
                    if _SHEBANG.match(file.read(_SHEBANG_BYTES)):
                        found.append(path)
            except OSError:
                continue
    return tuple(found)


def _home(start: Path, path: Path) -> Home:
    around = path if path.is_dir() else path.parent
    for folder in (start, around):
        root = find_root(folder)
        if is_root(root) and path.is_relative_to(root):
            return Home(root)
    if path.is_dir():
        return Home(start if path.is_relative_to(start) else path)
    return Home(_above_own_package(path), alone=True)


def _above_own_package(path: Path) -> Path:
    """The folder from which Python imports the file ``path``: its own, unless that is of a package, or used as one."""
    root = path.parent
    while (root / "__init__.py").is_file() and root != root.parent:
        root = root.parent
    written = set(imports_in(_content(path.parent, path.name, {})))
    for folder in (root, *root.parents):
        inside = [each for each in written if each[0].split(".")[0] == folder.name]
        if any(_modules(folder.parent, [], module, names) for module, names in inside):
            root = folder.parent
    return root


def _content(root: Path, path: str, instead: Mapping[str, str]) -> bytes:
    if path in instead:
        return instead[path].encode("utf-8", "surrogatepass")
    try:
        return read_bytes(root, path)
    except OSError:
        return b""


def _imported(root: Path, importer: str, data: bytes) -> Iterator[str]:
    """The files below ``root`` that the file ``importer`` with the content ``data`` may import."""
    folders = importer.split("/")[:-1]
    around = range(len(folders) + 1)
    for module, names in set(imports_in(data)):
        name = module.lstrip(".")
        level = len(module) - len(name)
        for size in [len(folders) - level + 1] if level else around:
            if size in around:
                yield from _modules(root, folders[:size], name, names)


def _modules(root: Path, folders: Sequence[str], name: str, names: bytes) -> list[str]:
    """The files below ``root`` that the import of ``names`` from ``name`` runs, if it begins in ``folders``."""
    parts = name.split(".") if name else []
    asked = [parts[:end] for end in range(len(parts) + 1)] + [[*parts, taken] for taken in names_in(names)]
    stems = ["/".join([*folders, *each]) for each in asked if all(map(str.isidentifier, each))]
    paths = [path for stem in stems for path in (f"{stem}.py", f"{stem}/__init__.py".lstrip("/"))]
    return [path for path in paths if path != ".py" and (root / path).is_file()]
