"""What an expression may be: a value is a frozenset of the atoms below.

A site or node inside an atom is the place in the program that made it; nodes compare by identity. The hash of an
atom is made from names and places alone, so that values are walked in the same order on every run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from phase12_lint.syntax.marks import mark

MAX_SITE_WEIGHT = 2

if TYPE_CHECKING:
    from phase12_lint.syntax.modules import Module
    from phase12_lint.syntax.scopes import Scope
    from phase12_lint.values.classes import ClassInfo
    from phase12_lint.values.frames import Frame


class Opaque(Enum):
    """Atoms without parts."""

    def __hash__(self) -> int:
        return mark(self.value)

    UNKNOWN = "cannot be resolved: contradicts nothing"
    OTHER = "known to be something that is never governed"
    NONE = "None"


UNKNOWN, OTHER, NONE = Opaque.UNKNOWN, Opaque.OTHER, Opaque.NONE


@dataclass(frozen=True, slots=True)
class Text:
    """A constant string."""

    text: str

    def __hash__(self) -> int:
        return mark("text", self.text)


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the program by its qualified name: ``functools.partial``, ``builtins.getattr``."""

    name: str

    def __hash__(self) -> int:
        return mark("external", self.name)


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module of the program, or (``module`` None) a namespace package of it."""

    name: str
    module: Module | None
    importer: Module

    def __hash__(self) -> int:
        return mark("module", self.name)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a value was made, and under which call."""

    node: ast.AST
    scope: Scope
    frame: Frame | None

    def __hash__(self) -> int:
        return mark(self.node, self.scope.mark, self.frame.mark if self.frame is not None else 0)

    @classmethod
    def of(cls, node: ast.AST, scope: Scope, frame: Frame | None) -> Site:
        """The site; the call is kept only while it is a short story, so that there are finitely many sites."""
        return cls(node, scope, frame if frame is not None and frame.weight <= MAX_SITE_WEIGHT else None)


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class object; ``reflected`` if it was reached through ``type(x)`` or ``x.__class__``."""

    cls: ClassInfo | str
    reflected: bool = False
    arguments: tuple[tuple[str, Value], ...] = ()

    def __hash__(self) -> int:
        return mark("class", self.cls if isinstance(self.cls, str) else self.cls.scope.mark, self.reflected)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the program, or of an external one by its qualified name."""

    cls: ClassInfo | str
    site: Site | None = None
    arguments: tuple[tuple[str, Value], ...] = ()

    def __hash__(self) -> int:
        return mark("instance", self.cls if isinstance(self.cls, str) else self.cls.scope.mark, self.site)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the program; ``receiver`` is what its first parameter is bound to."""

    scope: Scope
    receiver: Atom | None = None
    closure: Frame | None = None

    def __hash__(self) -> int:
        return mark("function", self.scope.mark, self.receiver)


@dataclass(frozen=True, slots=True)
class TypeExpression:
    """An expression that only means something as an annotation: ``dict[str, Plugin]``, a ``TypeVar``."""

    node: ast.expr
    scope: Scope

    def __hash__(self) -> int:
        return mark("type", self.node, self.scope.mark)


@dataclass(frozen=True, slots=True)
class Super:
    """``super()`` in a method of ``cls``."""

    cls: ClassInfo
    receiver: Atom

    def __hash__(self) -> int:
        return mark("super", self.cls.scope.mark, self.receiver)


@dataclass(frozen=True, slots=True)
class Container:
    """A container or iterable. ``items`` are what an annotation says of it, else ``site`` made it.

    ``kind`` is ``tuple`` (with ``items`` by position when ``exact``), ``dict`` (keys, values) or ``list``.
    """

    kind: str
    site: Site | None = None
    items: tuple[Value, ...] = ()
    exact: bool = False

    def __hash__(self) -> int:
        return mark(self.kind, self.site, len(self.items))


@dataclass(frozen=True, slots=True)
class Partial:
    """``functools.partial(...)`` made at ``site``."""

    site: Site

    def __hash__(self) -> int:
        return mark("partial", self.site)


@dataclass(frozen=True, slots=True)
class Getter:
    """``operator.methodcaller`` or ``attrgetter`` made at ``site``."""

    site: Site

    def __hash__(self) -> int:
        return mark("getter", self.site)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a container or of something external, taken from ``owner``."""

    owner: Atom
    name: str

    def __hash__(self) -> int:
        return mark("method", self.owner, self.name)


@dataclass(frozen=True, slots=True)
class Typed:
    """A callable of which only an annotation is known: calling it gives ``result``."""

    result: Value

    def __hash__(self) -> int:
        return mark("typed", len(self.result))


@dataclass(frozen=True, slots=True)
class Sourced:
    """A governed value of unknown class. ``named`` if only its name says so, else from a plugin source.

    ``role`` is ``plugin``, ``plugin class`` or ``runner``.
    """

    node: ast.AST
    named: bool
    role: str = "plugin"

    def __hash__(self) -> int:
        return mark("sourced", self.node, self.named, self.role)


Atom = (
    Opaque
    | Text
    | External
    | ModuleRef
    | ClassRef
    | Instance
    | Function
    | TypeExpression
    | Super
    | Container
    | Partial
    | Getter
    | Method
    | Typed
    | Sourced
)
Value = frozenset[Any]


def order_of(atom: Atom) -> tuple[str, str, int, int]:
    """A stable order of atoms: by kind, by what they are called, and by where they were made."""
    subject = getattr(atom, "cls", None) or getattr(atom, "scope", None) or atom
    name = (
        getattr(subject, "name", None)
        or getattr(subject, "text", None)
        or str(getattr(subject, "value", subject))
    )
    module = getattr(subject, "module", None)
    node = getattr(getattr(atom, "site", None) or atom, "node", None)
    path = getattr(module, "path", "") if not isinstance(subject, str) else ""
    return (f"{type(atom).__name__}:{name}", path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


NOTHING: Value = frozenset()
ANYTHING: Value = frozenset({UNKNOWN})
ELSE: Value = frozenset({OTHER})
JUST_NONE: Value = frozenset({NONE})
