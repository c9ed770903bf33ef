"""Which classes look like the base of plugins: several classes below override what is called from elsewhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from phase12_lint.adopt.init.methods import (
    Method,
    is_abstract,
    is_empty,
    methods_of,
    reads_of_self,
    signatures,
    takes_anything,
)
from phase12_lint.adopt.init.names import is_plugin, said_by_class, said_by_method, speaks, words_of
from phase12_lint.adopt.init.uses import Uses, is_picked
from phase12_lint.policy import Policy
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.project import Project

_ABSTRACT = {"ABC", "ABCMeta", "Protocol"}
_NO_PLUGINS = {
    *(
        "Exception",
        "BaseException",
        "Enum",
        "IntEnum",
        "StrEnum",
        "Flag",
        "TestCase",
    ),
    *("Thread", "JSONEncoder", "HTMLParser", "NodeVisitor", "NodeTransformer"),
}
_VENDORED = re.compile(r"(^|/)(_?vendor(ed)?|third_party|externals?|extern)/")
_DATA = {"BaseModel", "Model", "NamedTuple", "TypedDict"}
_EXTENDED = re.compile(r"plug-?in|subclass|overrid|inherit|implement|extend", re.IGNORECASE)
_MOST_OF_ONE = 2


class Candidate(NamedTuple):
    """A class with one of its methods; ``below`` are the classes under it, of which ``overriding`` have the method.

    ``abstract`` if the method demands to be overridden; if it ``prepares``, it is given nothing and is not called as
    what runs is. A class that is ``implemented`` is a protocol. ``theirs`` are the methods that several below have.
    """

    scope: Scope
    method: str
    below: int
    overriding: int
    score: float
    abstract: bool = False
    prepares: bool = False
    implemented: bool = False
    theirs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.scope.name

    @property
    def speaks(self) -> bool:
        """Whether its names say that it is run: a plugin, or a tool with a method such as ``run``."""
        return is_plugin(self.name) or speaks(self.method) > 0

    @property
    def aids(self) -> bool:
        """Whether its method is by its name something that is asked, or done before or after the work."""
        return said_by_method(self.method, self.name) < 0

    @property
    def receivers(self) -> tuple[str, ...]:
        """What a value of it is likely called: ``task`` and ``*_task`` for ``BaseTask``."""
        name = "_".join(words_of(self.name)).lower()
        return (name, f"*_{name}") if name else ()


class _Classes:
    """Every class of the governed files by its name, and the names of its bases."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.scopes = [scope for module in modules for scopes in module.classes.values() for scope in scopes]
        self._by_name = {scope.name: scope for scope in self.scopes}
        self._children: dict[str, list[Scope]] = {}
        for scope in self.scopes:
            for name in _bases(scope):
                self._children.setdefault(name, []).append(scope)

    def implementing(self, protocol: Scope) -> list[Scope]:
        """The classes that have every method of ``protocol``, as it takes them, and do not name it."""
        demanded = signatures(protocol)
        return [
            scope
            for scope in self.scopes
            if demanded and demanded <= signatures(scope) and not _bases(scope) & {*_ABSTRACT, protocol.name}
        ]

    def below(self, name: str) -> list[Scope]:
        """The classes below those called ``name``."""
        found: dict[Scope, None] = {}
        pending = [name]
        for each in pending:
            for child in self._children.get(each, ()):
                if child not in found:
                    found[child] = None
                    pending.append(child.name)
        return list(found)

    def above(self, scope: Scope) -> set[str]:
        """The names of all bases of ``scope``, as far as they are seen."""
        names: dict[str, None] = {scope.name: None}
        pending = [scope]
        for each in pending:
            for name in _bases(each):
                if name not in names:
                    names[name] = None
                    pending += [self._by_name[name]] if name in self._by_name else []
        return set(names)

    def known(self, names: set[str]) -> int:
        """How many of ``names`` are those of classes here."""
        return len(names & self._by_name.keys())

    def methods(self, names: set[str]) -> set[str]:
        """The names of the methods of the classes called ``names``."""
        scopes = [self._by_name[name] for name in names if name in self._by_name]
        return {child.name for scope in scopes for child in scope.children if child.is_function}


def _classes(project: Project) -> _Classes:
    paths = [path for path in sorted(project.texts.paths) if not _VENDORED.search(path)]
    return _Classes([module for path in paths if (module := project.module(path))])


def names_below(project: Project, name: str) -> set[str]:
    """The names of the classes of ``project`` below those called ``name``."""
    return {scope.name for scope in _classes(project).below(name)}


def candidates(project: Project, most: int) -> list[Candidate]:
    """The classes of ``project`` that may be plugin bases, with a method, likeliest first, each class twice at most."""
    classes, uses = _classes(project), Uses(project)
    found = [each for scope in classes.scopes for each in _of(scope, classes, uses)]
    found.sort(key=lambda each: (-each.score, each.scope.module.path, each.name, each.method))
    taken = Counter[Scope]()
    kept = []
    for each in found:
        taken[each.scope] += 1
        if taken[each.scope] <= _MOST_OF_ONE:
            kept.append(each)
    return kept[:most]


def _of(scope: Scope, classes: _Classes, uses: Uses) -> Iterator[Candidate]:
    below = classes.below(scope.name)
    is_protocol = "Protocol" in _bases(scope)
    if is_protocol:
        below += [each for each in classes.implementing(scope) if each not in below]
    above = classes.above(scope)
    known = scope.name in Policy().plugin_bases
    if (
        not (below or known)
        or above & _NO_PLUGINS
        or any(name.endswith(("Error", "Exception")) for name in above)
        or (above & _DATA and not any(map(is_abstract, methods_of(scope))))
    ):
        return
    is_base = bool(_bases(scope) & _ABSTRACT) or "metaclass=ABCMeta" in _written(scope)
    needed = 0 if known else 1 if is_base or any(map(is_empty, methods_of(scope))) else 2
    if len(below) < needed:
        return
    of_class = _of_class(scope, uses) + 1.5 * is_base - classes.known(above) / 2
    own = {scope, *below}
    having: dict[str, list[Scope]] = {}
    for each in below:
        for name in {node.name for node in methods_of(each)}:
            having.setdefault(name, []).append(each)
    theirs = frozenset(name for name, classes_with in having.items() if len(classes_with) > 1)
    undeclared = _undeclared(scope, below, classes.methods(above))
    for method in [*methods_of(scope), *undeclared]:
        abstract = is_abstract(method) or method in undeclared
        if method.name.startswith("_") and not abstract:
            continue
        is_stub = abstract or is_empty(method)
        enough = 1 if known or is_base or is_stub else 2
        overriding = having.get(method.name, [])
        if len(overriding) >= enough or (known and not below and method.name in Policy().plugin_methods):
            prepares = not speaks(method.name) and not takes_anything(method)
            of_method = said_by_method(method.name, scope.name)
            score = of_class + of_method + 2 * is_stub + _spread(overriding) - 3 * prepares
            score += known * (5 if of_method >= 0 else 2)
            score += any(is_picked(*use) for use in uses.outside(method.name, own))
            yield Candidate(
                scope,
                method.name,
                len(below),
                len(overriding),
                score,
                abstract,
                prepares,
                is_protocol,
                theirs,
            )


def _undeclared(scope: Scope, below: Sequence[Scope], own: set[str]) -> list[Method]:
    """Methods that several classes ``below`` have, and that the class ``scope``, which has ``own``, calls of itself."""
    found: dict[str, list[Method]] = {}
    for method in (method for each in below for method in methods_of(each) if method.name not in own):
        found.setdefault(method.name, []).append(method)
    return [
        methods[0] for name, methods in found.items() if len(methods) > 1 and any(reads_of_self(scope, name))
    ]


def _of_class(scope: Scope, uses: Uses) -> float:
    """How much a class looks like a base of plugins by its name, by what it says of itself, and by its use."""
    assert isinstance(scope.node, ast.ClassDef)
    said = ast.get_docstring(scope.node) or ""
    return said_by_class(scope.name) + bool(_EXTENDED.search(said)) + 1.5 * uses.is_collected(scope.name)


def _spread(having: Sequence[Scope]) -> float:
    """How much it tells that the classes ``having`` a method do it each in its own way, and in files of their own."""
    return 0.75 * log2(1 + len(having)) + 0.75 * log2(1 + len({each.module.path for each in having}))


def _bases(scope: Scope) -> set[str]:
    node = scope.node
    assert isinstance(node, ast.ClassDef)
    targets = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return {name for target in targets if (name := last_name(target)) is not None}


def _written(scope: Scope) -> str:
    assert isinstance(scope.node, ast.ClassDef)
    return " ".join(f"{keyword.arg}={last_name(keyword.value)}" for keyword in scope.node.keywords)
