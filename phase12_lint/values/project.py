"""The files of the project: which module an import names, and which files can mention a word."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping

from phase12_lint.sources.decode import SourceError, decode
from phase12_lint.syntax.modules import Module

_SCANS = 40
_WORD = re.compile(rb"[^\W\d]\w*")


class Project:
    """Every file by its path, read already, parsed when first asked for. ``exempt`` names the test files."""

    def __init__(self, files: Mapping[str, bytes], exempt: frozenset[str]) -> None:
        self.files = files
        self.exempt = exempt
        self._texts: dict[str, bytes] = {}
        self._searches = 0
        self._index: dict[bytes, list[str]] = {}
        self.errors: dict[str, SourceError | SyntaxError] = {}
        self._modules: dict[str, Module | None] = {}
        self._by_last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._packages: set[tuple[str, ...]] = set()
        self._folders: set[tuple[str, ...]] = {()}
        self._resolved: dict[tuple[tuple[str, ...], str], str | None] = {}
        self._mentions: dict[str, list[str]] = {}
        self._importing: dict[tuple[str, str], list[str]] = {}
        for path in sorted(files):
            self._register(path)

    def _register(self, path: str) -> None:
        parts = tuple(path[:-3].split("/"))
        if parts[-1] == "__init__":
            parts = parts[:-1]
            self._packages.add(parts)
        if parts:
            self._by_last.setdefault(parts[-1], []).append((parts, path))
        for end in range(1, len(parts)):
            self._folders.add(parts[:end])

    def module(self, path: str) -> Module | None:
        """The module at ``path``; None (and the reason in ``errors``) if it cannot be read."""
        if path not in self._modules:
            self._modules[path] = None
            try:
                self._modules[path] = Module(path, decode(self.files[path]), path in self.exempt)
            except (SourceError, SyntaxError) as error:
                self.errors[path] = error
        return self._modules[path]

    def files_with(self, word: str) -> list[str]:
        """Governed files in whose bytes ``word`` occurs, as Python reads names (NFKC)."""
        found = self._mentions.get(word)
        if found is None:
            found = self._mentions[word] = self._search(word.encode())
        return found

    def _search(self, word: bytes) -> list[str]:
        texts = self.texts()
        self._searches += 1
        if self._searches < _SCANS or not word.isascii():
            whole = re.compile(rb"\b%b\b" % re.escape(word) if word.isascii() else re.escape(word))
            return [path for path, data in texts.items() if word in data and whole.search(data)]
        if not self._index:
            for path, data in texts.items():
                for each in set(_WORD.findall(data)):
                    self._index.setdefault(each, []).append(path)
        return self._index.get(word, [])

    def texts(self) -> Mapping[str, bytes]:
        """The governed files, each as text in which a name stands as Python compares it (UTF-8, NFKC)."""
        if not self._texts:
            for path, data in self.files.items():
                if path not in self.exempt:
                    self._texts[path] = data if data.isascii() else _normal(data)
        return self._texts

    def modules_with(self, word: str) -> list[Module]:
        """The governed modules that mention ``word``."""
        return [module for path in self.files_with(word) if (module := self.module(path)) is not None]

    def modules_reading(self, name: str) -> list[Module]:
        """The governed modules in which an attribute ``name`` may be read."""
        return self._with_pattern(name, rb"\.\s*%b\b")

    def modules_storing(self, name: str) -> list[Module]:
        """The governed modules in which an attribute ``name`` may be stored, also through ``setattr``."""
        return self._with_pattern(name, rb"\.\s*%b\s*(?:[^\w\s.(\[]|\\|in\b)|setattr")

    def modules_importing(self, name: str, module: Module) -> list[Module]:
        """The governed modules that mention ``name`` and may import ``module``: they name it, or are of its package."""
        key = (name, module.path)
        if key not in self._importing:
            self._importing[key] = self._find_importing(name, module)
        return [other for path in self._importing[key] if (other := self.module(path)) is not None]

    def _find_importing(self, name: str, module: Module) -> list[str]:
        folder, _, file = module.path.rpartition("/")
        stem = folder.rpartition("/")[2] if module.is_package else file[: -len(".py")]
        last = stem.encode("utf-8", "surrogatepass")
        return [
            path
            for path in self.files_with(name)
            if last in self.files[path] or (module.is_package and path.startswith(f"{folder}/")) or not last
        ]

    def _with_pattern(self, name: str, pattern: bytes) -> list[Module]:
        key = f"{pattern!r}{name}"
        if key not in self._mentions:
            wanted = re.compile(pattern.replace(b"%b", re.escape(name.encode())))
            self._mentions[key] = [path for path in self.files_with(name) if wanted.search(self._texts[path])]
        return [module for path in self._mentions[key] if (module := self.module(path)) is not None]

    # imports

    def find(self, name: str, importer: str) -> str | None:
        """The file that ``import name`` in the file ``importer`` loads, or None if the program has none."""
        folder = tuple(importer.split("/")[:-1])
        key = (folder, name)
        if key not in self._resolved:
            self._resolved[key] = self._find(tuple(name.split(".")), folder)
        return self._resolved[key]

    def _find(self, wanted: tuple[str, ...], folder: tuple[str, ...]) -> str | None:
        candidates = []
        for parts, path in self._by_last.get(wanted[-1], ()):
            root = parts[: len(parts) - len(wanted)]
            if parts[len(root) :] != wanted or root in self._packages:
                continue
            if wanted[0] in sys.stdlib_module_names and root not in ((), ("src",)):
                continue
            shared = _shared(root, folder)
            candidates.append((shared < len(root) and root != ("src",), len(root) - 2 * shared, path))
        return min(candidates)[-1] if candidates else None

    def named(self, name: str) -> list[str]:
        """The files of the module or package called ``name``, from wherever it is imported."""
        wanted = tuple(name.split("."))
        files = []
        for parts, path in self._by_last.get(wanted[-1], ()):
            root = parts[: len(parts) - len(wanted)]
            if parts[len(root) :] == wanted and root not in self._packages:
                files.append(path)
        return files

    def is_namespace(self, name: str, importer: str) -> bool:
        """Whether ``name`` is a folder of the program without an ``__init__.py``."""
        wanted = tuple(name.split("."))
        folder = tuple(importer.split("/")[:-1])
        for end in range(len(folder), -1, -1):
            if folder[:end] + wanted in self._folders:
                return True
        return wanted in self._folders or ("src", *wanted) in self._folders or self._anywhere(wanted)

    def _anywhere(self, wanted: tuple[str, ...]) -> bool:
        size = len(wanted)
        return any(
            folder[-size:] == wanted and folder[:-size] not in self._packages for folder in self._folders
        )

    def relative(self, importer: Module, level: int, name: str) -> tuple[str | None, str]:
        """The file that a relative import names, and the dotted folder it stands in the place of."""
        parts = importer.path[:-3].split("/")
        base = parts[: len(parts) - level]
        wanted = [*base, *name.split(".")] if name else base
        stem = "/".join(wanted)
        for path in (f"{stem}/__init__.py" if stem else "__init__.py", f"{stem}.py"):
            if path in self.files:
                return path, ".".join(wanted)
        return None, ".".join(wanted)


def _normal(data: bytes) -> bytes:
    try:
        return unicodedata.normalize("NFKC", decode(data)).encode("utf-8", "replace")
    except SourceError:
        return b""


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(first, second):
        if one != other:
            break
        count += 1
    return count
