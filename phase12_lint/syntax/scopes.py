"""Scopes, and the definitions that a name in one may stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from phase12_lint.syntax.marks import mark

if TYPE_CHECKING:
    from phase12_lint.syntax.modules import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = FunctionNode | ast.ClassDef | ast.Module | ast.Expression
Step = tuple[str, str | int | ast.pattern | None]
Path = tuple[Step, ...]
Names = dict[str, "tuple[Definition, ...]"]


@dataclass(eq=False, slots=True, repr=False)
class Param:
    """A parameter; ``kind`` is ``positional``, ``keyword``, ``star`` or ``starstar``."""

    node: ast.arg
    scope: Scope
    kind: str
    index: int
    default: ast.expr | None


@dataclass(eq=False, slots=True, repr=False)
class Assigned:
    """A target that receives what ``path`` takes out of ``value`` (unpacking, loops, ``with``, ``match``)."""

    node: ast.AST
    scope: Scope
    value: ast.expr | None
    path: Path = ()
    annotation: ast.expr | None = None


@dataclass(eq=False, slots=True, repr=False)
class Imported:
    """A name that an import binds."""

    node: ast.alias
    scope: Scope
    statement: ast.Import | ast.ImportFrom


@dataclass(eq=False, slots=True, repr=False)
class Defined:
    """A ``def`` or ``class``."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    scope: Scope


@dataclass(eq=False, slots=True, repr=False)
class Refined:
    """What is left of ``previous`` where ``test`` came out as ``positive``."""

    node: ast.AST
    scope: Scope
    previous: tuple[Definition, ...]
    test: Test
    positive: bool


@dataclass(eq=False, slots=True, repr=False)
class Phi:
    """A name at the head of a loop."""

    node: ast.AST
    scope: Scope
    previous: tuple[Definition, ...] = ()


@dataclass(eq=False, slots=True, repr=False)
class Raw:
    """A free name or an attribute, as it is without any narrowing."""

    node: ast.expr
    scope: Scope


@dataclass(eq=False, slots=True, repr=False)
class Rebound:
    """What functions inside ``scope`` may have made of its variable ``name``, through ``nonlocal`` or ``global``."""

    node: ast.AST
    scope: Scope
    name: str


@dataclass(eq=False, slots=True, repr=False)
class Test:
    """A condition on one name. ``kind`` is ``isinstance``, ``type``, ``none``, ``true``, ``guard``, ``pattern``,
    ``equals``, ``member`` or ``text`` (a method of the text is called)."""

    kind: str
    operand: ast.AST | None


Definition = Param | Assigned | Imported | Defined | Refined | Phi | Raw | Rebound


@dataclass(eq=False, repr=False)
class Scope:
    """One namespace. What the flow pass fills in stands below the blank line, and only after ``Module.bound``.

    ``choices`` are, for each return, definition and arm of a conditional expression behind a comparison of a name
    with texts, what that name may be there: the place is only come to where it may be something.
    """

    kind: str
    node: ScopeNode
    module: Module
    parent: Scope | None
    name: str
    children: list[Scope] = field(default_factory=list)
    type_parameters: dict[str, ast.AST] = field(default_factory=dict)

    bound: bool = False
    params: list[Param] = field(default_factory=list)
    bindings: dict[str, list[Definition]] = field(default_factory=dict)
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)
    captured: Names = field(default_factory=dict)
    final: Names = field(default_factory=dict)
    returns: list[ast.expr] = field(default_factory=list)
    yields: list[tuple[ast.expr, bool]] = field(default_factory=list)
    stars: list[ast.ImportFrom] = field(default_factory=list)
    snapshots: dict[ast.AST, Names] = field(default_factory=dict)
    choices: dict[object, tuple[tuple[Definition, ...], ...]] = field(default_factory=dict)
    mark: int = 0

    def __post_init__(self) -> None:
        self.mark = mark(self.module.path, self.node)

    def __hash__(self) -> int:
        return self.mark

    def __repr__(self) -> str:
        return f"<{self.kind} {self.module.path}:{self.qualified_name}>"

    @property
    def is_function(self) -> bool:
        """Whether it is a ``def`` or a ``lambda``."""
        return self.kind in ("function", "lambda")

    @property
    def signature(self) -> Scope:
        """The scope in which the annotations of this function are read: its own if it has type parameters."""
        return self if self.type_parameters or self.parent is None else self.parent

    @property
    def class_scope(self) -> Scope | None:
        """The class of which this function is directly a method."""
        parent = self.parent
        return parent if parent is not None and parent.kind == "class" and self.is_function else None

    @property
    def method(self) -> Scope | None:
        """The nearest enclosing function, itself included, that is a method."""
        scope: Scope | None = self
        while scope is not None and scope.class_scope is None:
            scope = scope.parent
        return scope

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @cached_property
    def qualified_name(self) -> str:
        """Dotted name within the module, such as ``ToolRunner.run``."""
        names = [scope.name for scope in self.chain() if scope.kind != "module"]
        return ".".join(reversed(names))

    def goes_by(self, name: str) -> bool:
        """Whether ``name`` (``a.b:c`` or dotted) is its qualified name with its module's, or a tail of that."""
        return name.replace(":", ".") in self._tails

    @cached_property
    def _tails(self) -> frozenset[str]:
        parts = self.module.whole_name(self.qualified_name).split(".")
        return frozenset(".".join(parts[start:]) for start in range(len(parts)))


def is_tail(whole: str, name: str) -> bool:
    """Whether ``name`` (``a.b:c`` or dotted) is the dotted name ``whole``, or a tail of it."""
    dotted = name.replace(":", ".")
    return whole == dotted or whole.endswith(f".{dotted}")


def bases(definitions: Iterable[Definition]) -> Iterator[Definition]:
    """The definitions behind narrowings and loop heads."""
    seen: set[Definition] = set()
    stack = list(definitions)
    while stack:
        definition = stack.pop()
        if definition in seen:
            continue
        seen.add(definition)
        if isinstance(definition, (Refined, Phi)):
            stack += definition.previous
        else:
            yield definition


def sees(inner: Scope, scope: Scope, name: str) -> bool:
    """Whether ``name`` in the scope ``inner`` is the variable of ``scope``, in which it may be nested."""
    around = [*inner.chain()]
    if scope not in around:
        return False
    for current in around[: around.index(scope)]:
        current.module.bound(current)
        shared = current.declared_nonlocal, current.declared_global
        is_bound = name in current.bindings and not any(name in names for names in shared)
        if is_bound and (current is inner or current.kind != "class"):
            return False
    return scope.kind != "class"


def home_of(scope: Scope, name: str) -> Scope | None:
    """The nearest scope, from ``scope`` outwards, that binds ``name``; classes are seen from their own body alone."""
    for outer in scope.chain():
        if (outer is scope or outer.kind != "class") and name in outer.module.bound(outer).bindings:
            return outer
    return None


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` for a name or a chain of attributes on one, else None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def last_name(node: ast.AST) -> str | None:
    """The name that an expression ends in: ``plugin`` of ``job.plugin``, ``plugins[]`` of ``self.plugins[k]``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        inner = last_name(node.value)
        return f"{inner}[]" if inner else None
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        return last_name(node.value)
    return None
