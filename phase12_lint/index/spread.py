"""What of a large program a governed value may come to, by names alone (``flows``)."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from phase12_lint.index.flows import flow_of
from phase12_lint.index.imports import imports_in, names_in
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.parsing import parse
from phase12_lint.index.value_tokens import Token, tokens_of
from phase12_lint.index.words import Words
from phase12_lint.sources import SourceError, decode

_Held = tuple[str, Token]
_OF_USERS = {"A", "F", "Q"}  # the kinds of token that lead on where such a thing is used
_DEFINED = re.compile(rb"\b(?:def|class|as)\s+(\w+)|\b(\w+)\s*[:=]")


class Reached(NamedTuple):
    """What of one file may be governed: its ``names``, and the tokens ``everywhere``.

    ``tree`` is what the file was parsed to, if it was.
    """

    names: Collection[str]
    everywhere: Collection[Token]
    is_seed: Callable[[str], bool]
    tree: ast.Module | None = None

    def may_hold(self, node: ast.AST) -> bool:
        """Whether the value of the expression ``node`` may be."""
        return any(
            self.is_seed(token[1])
            or (token[1] in self.names if token[0] == "N" else token in self.everywhere)
            for token in tokens_of(node)
        )


class Held(NamedTuple):
    """What a spread ended with: the ``names`` that hold such a value in each file that it came to, and the tokens
    ``everywhere`` that do."""

    names: Mapping[str, Collection[str]]
    everywhere: Collection[Token]

    def comes_to(self, path: str, data: bytes, names: ModuleNames) -> bool:
        """Whether the file ``path``, to which it did not come, would be one of those if its content were ``data``."""
        one = _Spread({path: data}, names, lambda name: False)
        return any(path in one.reading(kind, name) for kind, name in self.everywhere) or any(
            name in taken or "*" in taken
            for source, taken in one.taken(path).items()
            for name in self.names.get(source, ())
        )


class Judged(NamedTuple):
    """The ``files`` of a program in which something governed may be, with what of each (None: anything), and what was
    ``held`` where they were found by a spread over all files."""

    files: Mapping[str, Reached | None] = {}
    held: Held | None = None


def spread(
    files: Mapping[str, bytes], names: ModuleNames, start: Iterable[str], is_seed: Callable[[str], bool]
) -> Judged:
    """The files among ``files`` to which a value may come that is called by a name which ``is_seed`` in ``start``."""
    return _Spread(files, names, is_seed).run(start)


def guessed_in(data: bytes, is_seed: Callable[[str], bool], methods: Collection[str]) -> Reached | None:
    """What of the file with the content ``data`` is called by a name which ``is_seed``, if one of ``methods`` is taken
    from such a thing, or it is handed to one of them; None if not, or if the file cannot be read.
    """
    reached = Reached((), (), is_seed)
    try:
        tree = parse(decode(data))
    except (SourceError, SyntaxError):
        return None
    subjects = (each for node in ast.walk(tree) for each in _subjects(node, methods))
    return reached if any(map(reached.may_hold, subjects)) else None


def _subjects(node: ast.AST, methods: Collection[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Attribute) and node.attr in methods:
        yield node.value
    elif isinstance(node, ast.Call):
        if "__call__" in methods:
            yield node.func
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in methods or isinstance(node.func, ast.Call):
            yield from node.args


def _module_name(path: str) -> str:
    """What the file ``path`` is imported as, without the packages around it."""
    folder, _, file = path.rpartition("/")
    return folder.rpartition("/")[2] if file == "__init__.py" else file.removesuffix(".py")


class _Spread:
    """The least set of tokens that the edges of the files that it reaches allow, one new token at a time.

    A token that is a name counts in one file only, so it is held with that file; the others with no file. Each edge
    fires once: it waits at its sources until one of them is held.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        names: ModuleNames,
        is_seed: Callable[[str], bool],
    ) -> None:
        self._files = files
        self._names = names
        self._is_seed = cache(is_seed)
        self._held: dict[str, set[str]] = {}  # the names of each file that hold such a value
        self._everywhere: set[Token] = set()
        self._edges: dict[_Held, list[tuple[str, Iterable[Token]]]] = {}
        self._stars: dict[str, list[str]] = {}  # by file: those that import all of its names
        self._waiting: list[_Held] = []
        self._reached: dict[str, set[str]] = {}
        self._trees: dict[str, ast.Module] = {}
        self._too_deep: set[str] = set()
        self._roots: frozenset[str] = frozenset()
        self._with_word = Words(files).holding
        self.taken = cache(self._find_taken)
        self._defined = cache(self._find_defined)
        self._importers = cache(self._find_importers)

    def run(self, start: Iterable[str]) -> Judged:
        self._roots = frozenset(start)
        for path in sorted(self._roots):
            self._hold(path, [("A", _module_name(path))])
            self._reach(path)
        while self._waiting:
            where, (kind, name) = token = self._waiting.pop()
            for path, targets in self._edges.pop(token, ()):
                self._hold(path, targets)
            for path in self._stars.get(where, ()) if kind == "N" else ():
                self._hold(path, [token[1]])
            if kind == "N":
                self._reach(where)
            for path in self._importing(where, name) if kind == "N" else self.reading(kind, name):
                self._reach(path)
        found = {
            path: None
            if path in self._too_deep
            else Reached(held, self._everywhere, self._is_seed, self._trees.get(path))
            for path, held in self._reached.items()
        }
        return Judged(found, Held(self._reached, self._everywhere))

    def reading(self, kind: str, name: str) -> Iterable[str]:
        """The files in which a token that is no name may lead on: of what functions are given, those that define it."""
        paths = [path for path in self._with_word(name) if path not in self._reached]
        return (
            paths if kind in _OF_USERS else [path for path in paths if name.encode() in self._defined(path)]
        )

    def _find_defined(self, path: str) -> Collection[bytes]:
        """The words that the file ``path`` may define, import or bind."""
        return {word for found in _DEFINED.findall(self._files[path]) for word in found}

    def _reach(self, path: str) -> None:
        """Follow the edges of the file ``path`` from now on."""
        if path in self._reached or path not in self._files:
            return
        self._reached[path] = self._held.setdefault(path, set())
        try:
            self._trees[path] = parse(decode(self._files[path]))
        except (SourceError, SyntaxError):
            return
        try:
            flow = flow_of(self._trees[path])
        except RecursionError:  # anything in it may be; who judges it says that it is nested too deeply
            self._too_deep.add(path)
            return
        for local, level, module, name in flow.imported:
            self._import(path, local, level, module, name)
        for sources, targets in flow.edges:
            if any(self._is_seed(name) for _, name in sources):
                self._hold(path, targets)
            else:
                self._edge(path, [(path if token[0] == "N" else "", token) for token in sources], targets)

    def _import(self, path: str, local: str, level: int, module: str, name: str) -> None:
        """Follow what ``from module import name as local`` in the file ``path`` makes the same."""
        source = self._source(path, level, module)
        if name == "*":
            self._share(source, path)
        elif self._is_seed(name) or self._is_root(path, level, module, name):
            self._hold(path, [("N", local)])
        elif source is not None:
            self._edge(path, [(source, ("N", each)) for each in (name, "__getattr__")], [("N", local)])
            self._edge(source, [(path, ("N", local))], [("N", name)])
            if self._is_seed(local):
                self._hold(source, [("N", name)])
        else:
            self._edge(path, [("", ("R", name))], [("N", local)])
            if self._is_seed(local):
                self._hold(path, [("R", name)])

    def _edge(self, path: str, sources: Collection[_Held], targets: Iterable[Token]) -> None:
        for where, token in sources:
            if (token[1] in self._held.get(where, ())) if token[0] == "N" else token in self._everywhere:
                self._hold(path, targets)
                return
        for source in sources:
            self._edges.setdefault(source, []).append((path, targets))

    def _hold(self, path: str, tokens: Iterable[Token]) -> None:
        held = self._held.setdefault(path, set())
        for token in tokens:
            if token[0] == "N":
                if token[1] not in held:
                    held.add(token[1])
                    self._waiting.append((path, token))
            elif token not in self._everywhere:
                self._everywhere.add(token)
                self._waiting.append(("", token))

    def _share(self, source: str | None, path: str) -> None:
        """All names of the file ``source`` are names of ``path``."""
        if source is not None and source != path:
            self._stars.setdefault(source, []).append(path)
            self._hold(path, [("N", name) for name in self._held.get(source, ())])

    def _importing(self, path: str, name: str) -> Iterator[str]:
        """The files that may import ``name`` from the file ``path``."""
        for other, taken in self._importers(path).items():
            if name in taken or "*" in taken:
                yield other

    def _find_importers(self, path: str) -> Mapping[str, frozenset[str]]:
        """The files that import something from the file ``path``, each with what that is."""
        folder, _, file = path.rpartition("/")
        is_package = file == "__init__.py"
        stem = _module_name(path)
        others = dict.fromkeys(self._with_word(stem) if stem else self._files)
        if is_package:
            others |= dict.fromkeys(each for each in self._files if each.startswith(f"{folder}/"))
        found = {each: self.taken(each).get(path) for each in others if each != path}
        return {each: taken for each, taken in found.items() if taken is not None}

    def _is_root(self, path: str, level: int, module: str, name: str) -> bool:
        """Whether ``from module import name`` gives a module that is a root itself."""
        within = f"{module}.{name}" if module else name
        return self._source(path, level, within) in self._roots

    def _source(self, path: str, level: int, module: str) -> str | None:
        return self._names.relative(path, level, module)[0] if level else self._names.find(module, path)

    def _find_taken(self, path: str) -> Mapping[str, frozenset[str]]:
        """What the file ``path`` imports, by the file that it imports it from; ``*`` for all."""
        found: dict[str, frozenset[str]] = {}
        for module, written in imports_in(self._files[path]):
            name = module.lstrip(".")
            source = self._source(path, len(module) - len(name), name)
            if source is not None:
                names = {*names_in(written), *(["*"] if b"*" in written else ())}
                found[source] = found.get(source, frozenset()) | names
        return found
