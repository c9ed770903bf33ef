"""Which classes look like the base of plugins: several classes below override what is called from elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

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
        "NamedTuple",
        "TypedDict",
    ),
    *("BaseModel", "Model", "Thread", "JSONEncoder", "HTMLParser", "NodeVisitor", "NodeTransformer"),
}
_WORDS = (
    *(
        "Plugin",
        "Tool",
        "Task",
        "Step",
        "Handler",
        "Backend",
        "Extension",
        "Command",
        "Processor",
        "Check",
        "Action",
    ),
    *("Provider", "Connector", "Operator", "Job", "Stage", "Agent", "Analyzer", "Detector", "Gateway"),
)
_EMPTY_WORDS = {"Base", "Abstract", "Interface", "Protocol", "Class"}
_VENDORED = re.compile(r"(^|/)(_?vendor(ed)?|third_party|externals?|extern)/")
_WEIGHT_OF_OVERRIDES = 1.5
_METHODS = {
    "run": 3,
    "execute": 3,
    "process": 2,
    "perform": 2,
    "handle": 2,
    "apply": 1,
    "call": 1,
    "invoke": 2,
}


class Candidate(NamedTuple):
    """A class with one of its methods; ``below`` are the classes under it, of which ``overriding`` have the method.

    ``abstract`` if the method demands to be overridden; if it ``prepares``, it is given nothing and is not called as
    what runs is. A class that is ``implemented`` is a protocol.
    """

    scope: Scope
    method: str
    below: int
    overriding: int
    score: float
    abstract: bool = False
    prepares: bool = False
    implemented: bool = False

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.scope.name

    @property
    def speaks(self) -> bool:
        """Whether its names say that it is run: a plugin, or a tool with a method such as ``run``."""
        return "Plugin" in self.name or _speaks(self.method) > 0

    @property
    def receivers(self) -> tuple[str, ...]:
        """What a value of it is likely called: ``task`` and ``*_task`` for ``BaseTask``."""
        words = [
            word
            for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+", self.name)
            if word not in _EMPTY_WORDS
        ]
        name = "_".join(words).lower()
        return (name, f"*_{name}") if name else ()


class _Classes:
    """Every class of the governed files by its name, and the names of its bases."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.scopes = [scope for module in modules for scopes in module.classes.values() for scope in scopes]
        self._children: dict[str, list[Scope]] = {}
        for scope in self.scopes:
            for name in _bases(scope):
                self._children.setdefault(name, []).append(scope)
        self.shared = {
            name for name in self._children if sum(scope.name == name for scope in self.scopes) > 1
        }

    def implementing(self, protocol: Scope) -> list[Scope]:
        """The classes that have every method of ``protocol``, as it takes them, and do not name it."""
        demanded = _signatures(protocol)
        return [
            scope
            for scope in self.scopes
            if demanded and demanded <= _signatures(scope) and not _bases(scope) & {*_ABSTRACT, protocol.name}
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
        by_name = {each.name: each for each in self.scopes}
        pending = [scope]
        for each in pending:
            for name in _bases(each):
                if name not in names:
                    names[name] = None
                    pending += [by_name[name]] if name in by_name else []
        return set(names)


def _classes(project: Project) -> _Classes:
    paths = [path for path in sorted(project.texts.paths) if not _VENDORED.search(path)]
    return _Classes([module for path in paths if (module := project.module(path))])


def names_below(project: Project, name: str) -> set[str]:
    """The names of the classes of ``project`` below those called ``name``."""
    return {scope.name for scope in _classes(project).below(name)}


def candidates(project: Project, most: int) -> list[Candidate]:
    """The classes of ``project`` that may be plugin bases, with a method, likeliest first."""
    classes = _classes(project)
    found = [each for scope in classes.scopes for each in _of(scope, classes)]
    found.sort(key=lambda each: (-each.score, each.scope.module.path, each.name, each.method))
    return found[:most]


def _of(scope: Scope, classes: _Classes) -> Iterator[Candidate]:
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
    ):
        return
    is_abstract = bool(_bases(scope) & _ABSTRACT) or "metaclass=ABCMeta" in _written(scope)
    is_stub = is_abstract or any(map(_is_empty, _methods(scope)))
    if len(below) < (0 if known else 1 if is_stub else 2):
        return
    for method in _methods(scope):
        if method.name.startswith("_") and not _is_abstract(method):
            continue
        overriding = sum(any(node.name == method.name for node in _methods(each)) for each in below)
        enough = 1 if known or is_abstract or _is_empty(method) else 2
        if overriding >= enough or (known and not below and method.name in Policy().plugin_methods):
            score = (
                _WEIGHT_OF_OVERRIDES * log2(1 + overriding)
                + 5 * known
                + 1.5 * is_abstract
                + 2 * _is_empty(method)
            )
            score += _speaks(method.name) - len(above & {each.name for each in classes.scopes}) / 2
            score += 3 if "Plugin" in scope.name else any(word in scope.name for word in _WORDS)
            prepares = not _speaks(method.name) and not _takes_anything(method)
            abstract = _is_abstract(method)
            score -= 3 * prepares
            yield Candidate(
                scope, method.name, len(below), overriding, score, abstract, prepares, is_protocol
            )


def _speaks(method: str) -> int:
    """How much the name of ``method`` says that it is run: ``run``, ``run_json``, ``try_run``."""
    words = method.strip("_").split("_")
    return max(_METHODS.get(words[0], 0), _METHODS.get(words[-1], 0))


def _bases(scope: Scope) -> set[str]:
    node = scope.node
    assert isinstance(node, ast.ClassDef)
    targets = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return {name for target in targets if (name := last_name(target)) is not None}


def _written(scope: Scope) -> str:
    assert isinstance(scope.node, ast.ClassDef)
    return " ".join(f"{keyword.arg}={last_name(keyword.value)}" for keyword in scope.node.keywords)


def _methods(scope: Scope) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The methods that are called with a receiver, by a name that is not Python's own, and are no properties."""
    assert isinstance(scope.node, ast.ClassDef)
    return [
        node
        for node in scope.node.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not node.name.startswith("__")
        and not {last_name(each) for each in node.decorator_list}
        & {"property", "cached_property", "setter", "staticmethod", "abstractproperty"}
    ]


def _signatures(scope: Scope) -> set[tuple[str, int]]:
    """The name of each public method, and how many parameters it has."""
    return {
        (node.name, len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs))
        for node in _methods(scope)
        if not node.name.startswith("_")
    }


def _takes_anything(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it has a parameter beside its receiver."""
    taken = node.args
    return len(taken.posonlyargs) + len(taken.args) > 1 or bool(
        taken.vararg or taken.kwonlyargs or taken.kwarg
    )


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it has no body of its own: abstract, or nothing at all."""
    body = _body(node)
    return _is_abstract(node) or not body or isinstance(body[0], ast.Pass)


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """What it does, without what it says of itself."""
    return [
        each
        for each in node.body
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it says that it is to be overridden: it is declared so, or raises ``NotImplementedError``."""
    if any(last_name(each) == "abstractmethod" for each in node.decorator_list):
        return True
    body = _body(node)
    if not body:
        return False
    raised = body[0].exc if isinstance(body[0], ast.Raise) else None
    target = raised.func if isinstance(raised, ast.Call) else raised
    return target is not None and last_name(target) == "NotImplementedError"
