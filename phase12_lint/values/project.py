"""The files of the project: which module an import names, and which files can mention a word."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from phase12_lint.faults import told
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.parsing import TOO_DEEP
from phase12_lint.index.spread import Judged
from phase12_lint.index.texts import Pattern, Texts, Trace
from phase12_lint.sources.decode import SourceError, decode
from phase12_lint.syntax.modules import Module


class Project:
    """Every file by its path, read already, parsed when first asked for. ``exempt`` names the test files.

    ``members`` are those that make the program, in which what it says of something is looked for (None: all); an
    import may lead to any file. ``judged`` tells in which of them something governed may be (None: all). ``parts`` are
    in many of the names that will be asked for.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        exempt: frozenset[str],
        names: ModuleNames | None = None,
        members: Collection[str] | None = None,
        judged: Judged | None = None,
        parts: Sequence[str] = (),
    ) -> None:
        self.files = files
        self.exempt = exempt
        self.names = names if names is not None else ModuleNames(files)
        members = sorted(files) if members is None else members
        self._judged = Judged(dict.fromkeys(members)) if judged is None else judged
        governed = (path for path in members if path not in exempt)
        self.texts = Texts(files, governed, parts, self._judged.files)
        self.on_read: Callable[[int], None] = lambda size: None
        self.errors: dict[str, SourceError] = {}
        self.faults: list[str] = []
        self._modules: dict[str, Module | None] = {}
        self._mentioning: dict[str, list[Module]] = {}
        self._importing: dict[tuple[str, str], list[str]] = {}

    def module(self, path: str, is_work: bool = True) -> Module | None:
        """The module at ``path``; None (and the reason in ``errors`` or ``faults``) if it cannot be read.

        To read it counts as work of the question that asks for it, unless every program that has the file reads it.
        """
        if path not in self._modules:
            self._modules[path] = None
            try:
                reached = self._judged.files.get(path)
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
        reached = self._judged.files.get(path)
        return reached is None or reached.may_hold(node)

    def trace(self) -> Trace:
        """What all that was said of the program until now was made from."""
        return self.texts.trace(self._modules.keys())._replace(held=self._judged.held)

    def modules_with(self, word: str) -> Sequence[Module]:
        """The governed modules that mention ``word``, as Python reads names (NFKC)."""
        if word not in self._mentioning:
            self._mentioning[word] = list(self._modules_at(self.texts.holding(word)))
        return self._mentioning[word]

    def modules_matching(self, pattern: Pattern, word: str = "") -> Iterator[Module]:
        """The governed modules that hold ``word``, if it is not empty, in which ``pattern`` finds anything."""
        return self._modules_at(self.texts.matching(pattern, word))

    def _modules_at(self, paths: Iterable[str], is_work: bool = True) -> Iterator[Module]:
        modules = (self.module(path, is_work) for path in paths)
        return (module for module in modules if module is not None)

    def modules_reading(self, name: str) -> list[Module]:
        """The governed modules in which an attribute ``name`` may be read."""
        return self._with_use(name, "read")

    def modules_storing(self, name: str, word: str = "") -> list[Module]:
        """The governed modules in which an attribute ``name`` may be stored, also through ``setattr`` or ``vars``, and
        which mention ``word``, if it is not empty."""
        return self._with_use(name, "stored", word)

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
        return list(self._modules_at(self._importing[key]))

    def _find_importing(self, name: str, module: Module) -> list[str]:
        folder, _, file = module.path.rpartition("/")
        stem = folder.rpartition("/")[2] if module.is_package else file.removesuffix(".py")
        named = self.texts.holding(stem) if stem else self.texts.paths
        return [
            path
            for path in self.texts.holding(name)
            if path in named or (module.is_package and path.startswith(f"{folder}/"))
        ]

    def _with_use(self, name: str, use: str, word: str = "") -> list[Module]:
        """The modules in which ``name`` may be used so, and which mention ``word``, if it is not empty."""
        return list(self._modules_at(self.texts.using(name, use, word), use != "derived"))
