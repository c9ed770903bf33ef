"""Which file of the project an import names."""

from __future__ import annotations

import sys
from collections.abc import Iterable


class ModuleNames:
    """The files of a project by their dotted names. Packages are folders with an ``__init__.py``, and hide the
    modules of their names that stand beside them."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = frozenset(files)
        self._by_last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.packages: set[tuple[str, ...]] = set()
        self._folders: set[tuple[str, ...]] = {()}
        self._folders_by_last: dict[str, list[tuple[str, ...]]] = {}
        self._resolved: dict[tuple[tuple[str, ...], str], str | None] = {}
        for path in sorted(self._files):
            if path.endswith(".py"):
                self._register(path)

    def _register(self, path: str) -> None:
        parts = tuple(path[:-3].split("/"))
        is_hidden = "/".join((*parts, "__init__.py")) in self._files
        if parts[-1] == "__init__":
            parts = parts[:-1]
            self.packages.add(parts)
        if parts and not is_hidden:
            self._by_last.setdefault(parts[-1], []).append((parts, path))
        for end in range(1, len(parts)):
            if parts[:end] not in self._folders:
                self._folders.add(parts[:end])
                self._folders_by_last.setdefault(parts[end - 1], []).append(parts[:end])

    def find(self, name: str, importer: str) -> str | None:
        """The file that ``import name`` in the file ``importer`` loads, or None if the project has none."""
        folder = tuple(importer.split("/")[:-1])
        key = (folder, name)
        if key not in self._resolved:
            self._resolved[key] = self._find(tuple(name.split(".")), folder)
        return self._resolved[key]

    def _find(self, wanted: tuple[str, ...], folder: tuple[str, ...]) -> str | None:
        candidates = []
        for parts, path in self._by_last.get(wanted[-1], ()):
            root = parts[: len(parts) - len(wanted)]
            if parts[len(root) :] != wanted or root in self.packages:
                continue
            if wanted[0] in sys.stdlib_module_names and root not in ((), ("src",)):
                continue
            shared = _shared(root, folder)
            far = shared < len(root) and root != ("src",)
            if far and (*root, wanted[0]) not in self.packages:
                continue  # a module in a folder that the importer has nothing to do with
            candidates.append((far, len(root) - 2 * shared, not path.endswith("/__init__.py"), path))
        return min(candidates)[-1] if candidates else None

    def named(self, name: str) -> list[str]:
        """The files of the module or package called ``name``, from wherever it is imported."""
        wanted = tuple(name.split("."))
        files = []
        for parts, path in self._by_last.get(wanted[-1], ()):
            root = parts[: len(parts) - len(wanted)]
            if parts[len(root) :] == wanted and root not in self.packages:
                files.append(path)
        return files

    def ending(self, name: str) -> list[str]:
        """The files of the modules and packages whose dotted name is ``name`` or ends so."""
        wanted = tuple(name.split("."))
        return [path for parts, path in self._by_last.get(wanted[-1], ()) if parts[-len(wanted) :] == wanted]

    def is_namespace(self, name: str, importer: str) -> bool:
        """Whether ``name`` is a folder of the project without an ``__init__.py``."""
        wanted = tuple(name.split("."))
        folder = tuple(importer.split("/")[:-1])
        for end in range(len(folder), -1, -1):
            if folder[:end] + wanted in self._folders:
                return True
        return wanted in self._folders or ("src", *wanted) in self._folders or self._anywhere(wanted)

    def _anywhere(self, wanted: tuple[str, ...]) -> bool:
        size = len(wanted)
        return any(
            folder[-size:] == wanted and folder[:-size] not in self.packages
            for folder in self._folders_by_last.get(wanted[-1], ())
        )

    def relative(self, importer: str, level: int, name: str) -> tuple[str | None, str]:
        """The file that a relative import in the file ``importer`` names, and the dotted folder it stands for."""
        parts = importer.removesuffix(".py").split("/")
        base = parts[: len(parts) - level]
        wanted = [*base, *name.split(".")] if name else base
        stem = "/".join(wanted)
        for path in (f"{stem}/__init__.py" if stem else "__init__.py", f"{stem}.py"):
            if path in self._files:
                return path, ".".join(wanted)
        return None, ".".join(wanted)

    def unit(self, path: str) -> str:
        """The top-level package that the file ``path`` stands in, as a folder; if it is in none, the top-level folder,
        which is ``.`` for a file that is in none either.
        """
        parts = tuple(path.split("/")[:-1])
        for end in range(1, len(parts) + 1):
            if parts[:end] in self.packages:
                return "/".join(parts[:end])
        return "/".join(parts[: 2 if parts[:1] == ("src",) else 1]) or "."


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(first, second):
        if one != other:
            break
        count += 1
    return count
