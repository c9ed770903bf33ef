"""The files of the project: which module an import names, and which files can mention a word."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

from phase12_lint.faults import told
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.parsing import TOO_DEEP
from phase12_lint.index.spread import Reached
from phase12_lint.index.words import Words
from phase12_lint.sources.decode import SourceError, decode
from phase12_lint.syntax.modules import Module

_READ = re.compile(rb"\.\s*(\w+)")
_STORED = re.compile(rb"\.\s*(\w+)\s*(?:[^\w\s.(\[]|in\b)")
# A search for a constant is many times faster than one for a choice, or for the edge of a word in front of it.
_DEFINED = [re.compile(rb"def\s+(\w+)"), re.compile(rb"class\s+(\w+)")]
# What stands in the brackets of a call, a subscript or the bases of a class is read, whatever follows it there.
_READ_ALONE = re.compile(
    rb"(?<=[\w\]).])[(\[](?<!\bas.)(?<!\bdel.)(?<!\bfor.)(?<!\bwith.)"
    rb"(?![^()\[\]]*\b(?:as|for)\b)[^()\[\]\"';#]*[)\]]"
)
_HEADER = re.compile(rb"class\s+\w+\s*[(\[]([^:]*)")
_ASSIGNED = re.compile(rb"=\s*([\w.]+)(?![\w.]|\s*\()")
_AS = re.compile(rb"\sas\b")
_WORD = re.compile(rb"[^\W\d]\w*")
_QUOTED = re.compile(rb"(?<=[\"'])\w+(?=[\"'])")
_KEYWORD = re.compile(rb"[(,]\s*(\w+)\s*=(?!=)")


class Project:
    """Every file by its path, read already, parsed when first asked for. ``exempt`` names the test files.

    ``members`` are those that make the program, in which what it says of something is looked for (None: all); an
    import may lead to any file. ``judged`` are those in which something governed may be, with what of each (None:
    anything). ``parts`` are in many of the names that will be asked for.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        exempt: frozenset[str],
        names: ModuleNames | None = None,
        members: Collection[str] | None = None,
        judged: Mapping[str, Reached | None] | None = None,
        parts: Sequence[str] = (),
    ) -> None:
        self.files = files
        self.exempt = exempt
        self.names = names if names is not None else ModuleNames(files)
        self._members = sorted(files) if members is None else members
        self.judged = dict.fromkeys(self._members) if judged is None else judged
        self._parts = parts
        self.on_read: Callable[[int], None] = lambda size: None
        self._texts: dict[str, bytes] = {}
        self.errors: dict[str, SourceError] = {}
        self.faults: list[str] = []
        self._modules: dict[str, Module | None] = {}
        self._mentioning: dict[str, list[Module]] = {}
        self._used: dict[str, dict[str, list[str]]] = {}
        self._words_used: dict[tuple[object, str], Collection[bytes]] = {}
        self._importing: dict[tuple[str, str], list[str]] = {}

    def module(self, path: str, is_work: bool = True) -> Module | None:
        """The module at ``path``; None (and the reason in ``errors`` or ``faults``) if it cannot be read.

        To read it counts as work of the question that asks for it, unless every program that has the file reads it.
        """
        if path not in self._modules:
            self._modules[path] = None
            try:
                reached = self.judged.get(path)
                tree = reached.tree if reached is not None else None
                self._modules[path] = Module(path, decode(self.files[path]), path in self.exempt, tree)
            except (SourceError, SyntaxError) as error:
                self.errors[path] = SourceError.of(error)
            except (RecursionError, MemoryError):
                self.errors[path] = SourceError(1, 1, TOO_DEEP)
            except Exception as error:
                self.faults.append(told("the reader", error, path))
            if is_work:
                self.on_read(len(self.files[path]))
        return self._modules[path]

    def may_be_governed(self, path: str, node: ast.expr) -> bool:
        """Whether the value of the expression ``node`` in the file ``path`` may be governed, by names alone."""
        reached = self.judged.get(path)
        return reached is None or reached.may_hold(node)

    def files_with(self, word: str) -> Sequence[str]:
        """Governed files in whose bytes ``word`` occurs, as Python reads names (NFKC)."""
        return self._words.holding(word)

    @cached_property
    def _words(self) -> Words:
        return Words(self.texts(), self._parts)

    def texts(self) -> Mapping[str, bytes]:
        """The governed files, each as text in which a name stands as Python compares it (UTF-8, NFKC)."""
        if not self._texts:
            for path in self._members:
                if path not in self.exempt:
                    data = self.files[path]
                    self._texts[path] = data if data.isascii() else _normal(data)
        return self._texts

    def modules_with(self, word: str) -> Sequence[Module]:
        """The governed modules that mention ``word``."""
        if word not in self._mentioning:
            modules = map(self.module, self.files_with(word))
            self._mentioning[word] = [module for module in modules if module is not None]
        return self._mentioning[word]

    def modules_reading(self, name: str) -> list[Module]:
        """The governed modules in which an attribute ``name`` may be read."""
        return self._with_use(name, "read")

    def modules_storing(self, name: str) -> list[Module]:
        """The governed modules in which an attribute ``name`` may be stored, also through ``setattr`` or ``vars``."""
        return self._with_use(name, "stored")

    def modules_deriving(self, name: str) -> list[Module]:
        """The governed modules in which a class may have ``name`` as a base, or ``name`` may get another name."""
        return self._with_use(name, "derived")

    def modules_defining(self, name: str) -> list[Module]:
        """The governed modules in which a function or a class ``name`` is defined."""
        return self._with_use(name, "defined")

    def modules_importing(self, name: str, module: Module) -> list[Module]:
        """The governed modules that mention ``name`` and may import ``module``: they name it, or are of its package."""
        key = (name, module.path)
        if key not in self._importing:
            self._importing[key] = self._find_importing(name, module)
        return [other for path in self._importing[key] if (other := self.module(path)) is not None]

    def _find_importing(self, name: str, module: Module) -> list[str]:
        folder, _, file = module.path.rpartition("/")
        stem = folder.rpartition("/")[2] if module.is_package else file.removesuffix(".py")
        named = frozenset(self.files_with(stem) if stem else self._members)
        return [
            path
            for path in self.files_with(name)
            if path in named or (module.is_package and path.startswith(f"{folder}/"))
        ]

    def _with_use(self, name: str, use: str) -> list[Module]:
        """The modules in which ``name`` may be used so."""
        known = self._used.setdefault(use, {})
        if name not in known:
            known[name] = [path for path in self.files_with(name) if self._uses(use, path, name)]
        modules = (self.module(path, use != "derived") for path in known[name])
        return [module for module in modules if module is not None]

    def _uses(self, use: str, path: str, name: str) -> bool:
        """Whether ``name`` is used so in the file ``path``, as far as the words tell; what is cheap is asked first."""
        if not name.isascii():
            return True
        for words_of in _USES[use]:
            words = self._words_used.get((words_of, path))
            if words is None:
                words = self._words_used[words_of, path] = words_of(self._texts[path])
            if name.encode() not in words:
                return False
        return True


def _read_in(text: bytes) -> Collection[bytes]:
    return set(_READ.findall(text))


def _stored_or_read_in(text: bytes) -> Collection[bytes]:
    return {*_STORED.findall(text), *_put_by_name(text)}


def _stored_in(text: bytes) -> Collection[bytes]:
    left, count = text, 1
    while count:
        left, count = _READ_ALONE.subn(b".", left)
    return {*_STORED.findall(left), *_put_by_name(text)}


def _put_by_name(text: bytes) -> Collection[bytes]:
    """The words by which ``setattr`` or a namespace may be told a name."""
    if b"vars" in text or b"__dict__" in text:
        return {*_QUOTED.findall(text), *_KEYWORD.findall(text)}
    return _QUOTED.findall(text) if b"setattr" in text else ()


def _defined_in(text: bytes) -> Collection[bytes]:
    return {name for defined in _DEFINED for name in defined.findall(text)}


def _derived_in(text: bytes) -> Collection[bytes]:
    """The words of class headers and of what stands behind ``=``, and those in front of ``as``."""
    parts = [*_HEADER.findall(text), *_ASSIGNED.findall(text)]
    for found in _AS.finditer(text):
        parts += text[max(found.start() - 200, 0) : found.start()].split()[-1:]
    return set(_WORD.findall(b" ".join(parts)))


_USES: dict[str, tuple[Callable[[bytes], Collection[bytes]], ...]] = {
    "read": (_read_in,),
    "stored": (_stored_or_read_in, _stored_in),
    "derived": (_derived_in,),
    "defined": (_defined_in,),
}


def _normal(data: bytes) -> bytes:
    try:
        return unicodedata.normalize("NFKC", decode(data)).encode("utf-8", "replace")
    except SourceError:
        return b""
