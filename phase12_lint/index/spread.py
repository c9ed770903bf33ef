"""What of a large program a governed value may come to, by names alone (``flows``)."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from phase12_lint.index.flows import Flow, Token, flow_of, tokens_of
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.parsing import parse
from phase12_lint.sources import SourceError, decode


class Reached(NamedTuple):
    """What of one file may be governed: its ``names``, and the tokens ``everywhere``."""

    names: Collection[str]
    everywhere: Collection[Token]
    is_seed: Callable[[str], bool]

    def may_hold(self, node: ast.AST) -> bool:
        """Whether the value of the expression ``node`` may be."""
        return any(
            self.is_seed(token[1])
            or (token[1] in self.names if token[0] == "N" else token in self.everywhere)
            for token in tokens_of(node)
        )


def spread(
    files: Mapping[str, bytes], names: ModuleNames, start: Iterable[str], is_seed: Callable[[str], bool]
) -> dict[str, Reached]:
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
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in methods or isinstance(node.func, ast.Call):
            yield from node.args


class _Spread:
    def __init__(
        self,
        files: Mapping[str, bytes],
        names: ModuleNames,
        is_seed: Callable[[str], bool],
    ) -> None:
        self._files = files
        self._names = names
        self._is_seed = is_seed
        self._flows: dict[str, Flow | None] = {}
        self._held: dict[str, set[str]] = {}  # the names of each file that hold such a value
        self._everywhere: set[Token] = set()
        self._waiting: deque[str] = deque()
        self._reached: dict[str, None] = {}

    def run(self, start: Iterable[str]) -> dict[str, Reached]:
        for path in sorted(start):
            self._wake(path)
        while self._waiting:
            path = self._waiting.popleft()
            flow = self._flow(path)
            if flow is not None:
                self._follow(path, flow)
        return {
            path: Reached(self._held.get(path, ()), self._everywhere, self._is_seed) for path in self._reached
        }

    def _wake(self, path: str) -> None:
        self._reached.setdefault(path)
        if path not in self._waiting:
            self._waiting.append(path)

    def _flow(self, path: str) -> Flow | None:
        if path not in self._flows:
            try:
                self._flows[path] = flow_of(decode(self._files[path]))
            except (SourceError, SyntaxError):
                self._flows[path] = None
        return self._flows[path]

    def _follow(self, path: str, flow: Flow) -> None:
        held = self._held.setdefault(path, set())
        before = set(held)
        for local, (level, module, name) in flow.imported.items():
            source = self._names.relative(path, level, module)[0] if level else self._names.find(module, path)
            if self._is_seed(name) or (source is not None and name in self._held.get(source, ())):
                held.add(local)
        everywhere: set[Token] = set()
        grown = True
        while grown:
            grown = False
            for sources, targets in flow.edges:
                if any(self._holds(token, held) for token in sources):
                    for token in targets:
                        if token[0] == "N":
                            grown = grown or token[1] not in held
                            held.add(token[1])
                        elif token not in self._everywhere:
                            grown = True
                            self._everywhere.add(token)
                            everywhere.add(token)
        for _, name in everywhere:
            for other in self._with_word(name):
                self._wake(other)
        for name in held - before:
            self._wake_importers(path, name)

    def _holds(self, token: Token, held: set[str]) -> bool:
        kind, name = token
        return (name in held if kind == "N" else token in self._everywhere) or self._is_seed(name)

    def _wake_importers(self, path: str, name: str) -> None:
        stem = path.rpartition("/")[2].removesuffix(".py")
        stem = path.rpartition("/")[0].rpartition("/")[2] if stem == "__init__" else stem
        for other in self._with_word(name):
            if other != path and (stem.encode() in self._files[other] or path.endswith("__init__.py")):
                flow = self._flow(other)
                for level, module, imported in flow.imported.values() if flow is not None else ():
                    source = (
                        self._names.relative(other, level, module)[0]
                        if level
                        else self._names.find(module, other)
                    )
                    if source == path and imported in (name, "*"):
                        self._wake(other)

    def _with_word(self, word: str) -> list[str]:
        spelled = word.encode("utf-8", "surrogatepass")
        whole = re.compile(rb"(?<!\w)%b(?!\w)" % re.escape(spelled))
        return [path for path, data in self._files.items() if spelled in data and whole.search(data)]
