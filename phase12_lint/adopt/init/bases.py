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
    Slot,
    methods_of,
    reads_of_self,
    signatures,
    slot_of,
    slots_of,
)
from phase12_lint.adopt.init.names import CLEARLY, is_plugin, said_by_class, said_by_method, speaks, words_of
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
    """The classes of ``project`` that may be plugin bases, with a method, likeliest first, each class twice at most.

    Of classes one below another that have a method, the highest is taken, which is as likely as the likeliest.
    """
    classes, uses = _classes(project), Uses(project)
    found = [each for scope in classes.scopes for each in _of(scope, classes, uses)]
    found.sort(key=lambda each: (-each.score, each.scope.module.path, each.name, each.method))
    named = {(each.name, each.method): each for each in reversed(found)}
    taken = Counter[str]()
    kept: dict[tuple[str, str], Candidate] = {}
    for each in found:
        above = [named[key] for name in classes.above(each.scope) if (key := (name, each.method)) in named]
        top = max(above, key=lambda other: other.below, default=each)
        key = (top.name, top.method)
        if key not in kept and taken[top.name] < _MOST_OF_ONE:
            taken[top.name] += 1
            kept[key] = top._replace(score=each.score)
        if len(kept) == most:
            break
    return list(kept.values())


def _of(scope: Scope, classes: _Classes, uses: Uses) -> Iterator[Candidate]:
    above = classes.above(scope)
    if (
        scope.name in _bases(scope)
        or above & _NO_PLUGINS
        or any(name.endswith(("Error", "Exception")) for name in above)
    ):
        return
    below = classes.below(scope.name)
    is_protocol = "Protocol" in _bases(scope)
    if is_protocol:
        below += [each for each in classes.implementing(scope) if each not in below]
    own = {scope, *below}
    having: dict[str, list[Scope]] = {}
    for each in below:
        for name in {node.name for node in methods_of(each)}:
            having.setdefault(name, []).append(each)
    theirs = frozenset(name for name, classes_with in having.items() if len(classes_with) > 1)
    slots = [*slots_of(scope), *_undeclared(scope, below, classes.methods(above), uses)]
    demanding = any(slot.demanded for slot in slots)
    if above & _DATA and not demanding:
        return
    known = scope.name in Policy().plugin_bases
    is_base = bool(_bases(scope) & _ABSTRACT) or "metaclass=ABCMeta" in _written(scope)
    of_class = _of_class(scope, uses) + 1.5 * is_base
    for slot in slots:
        overriding = having.get(slot.name, [])
        of_method = said_by_method(slot.name.removeprefix("on_") if slot.field else slot.name, scope.name)
        enough = 1 if known or is_base or slot.stub else 2
        if slot.hidden and not slot.demanded:
            continue
        if len(overriding) < enough and not (
            slot.field
            or (slot.demanded and not below)
            or (known and slot.name in Policy().plugin_methods)
            or (not demanding and said_by_class(scope.name) >= CLEARLY and speaks(slot.name) > 1)
        ):
            continue
        outside = uses.outside(slot.name, own)
        if slot.field and not outside:
            continue
        prepares = not speaks(slot.name) and not slot.takes_anything
        score = of_class + of_method + 2 * slot.stub + 0.75 * log2(1 + len(overriding)) - 3 * prepares
        score += known * (5 if of_method >= 0 else 2) + any(is_picked(*use) for use in outside)
        yield Candidate(
            scope,
            slot.name,
            len(below),
            len(overriding),
            score,
            slot.demanded,
            prepares,
            is_protocol,
            theirs,
        )


def _undeclared(scope: Scope, below: Sequence[Scope], own: set[str], uses: Uses) -> list[Slot]:
    """Methods that most classes ``below`` have, and that are called elsewhere, or that several have, and that the class
    ``scope`` calls of itself; it has ``own``."""
    found: dict[str, list[Method]] = {}
    for method in (method for each in below for method in methods_of(each) if method.name not in own):
        found.setdefault(method.name, []).append(method)
    return [
        slot_of(methods[0])._replace(demanded=True, stub=True)
        for name, methods in found.items()
        if len(methods) > 1
        and (
            any(reads_of_self(scope, name))
            or (len(methods) > len(below) / 2 and speaks(name) and uses.outside(name, {scope, *below}))
        )
    ]


def _of_class(scope: Scope, uses: Uses) -> float:
    """How much a class looks like a base of plugins by its name, and by its use."""
    used = 1.5 * uses.is_collected(scope.name) + log2(1 + uses.mentions(scope.name))
    return said_by_class(scope.name) + used


def _bases(scope: Scope) -> set[str]:
    node = scope.node
    assert isinstance(node, ast.ClassDef)
    targets = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return {name for target in targets if (name := last_name(target)) is not None}


def _written(scope: Scope) -> str:
    assert isinstance(scope.node, ast.ClassDef)
    return " ".join(f"{keyword.arg}={last_name(keyword.value)}" for keyword in scope.node.keywords)
