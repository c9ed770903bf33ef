"""What an expression may be: a value is a frozenset of the atoms below.

The domain is finite, which is why the analysis ends: an atom is made of places of the program (definitions, and
sites that make something, under calls of at most ``MAX_SITE_WEIGHT``), of texts of at most ``MAX_TEXT`` characters,
and of other atoms nested at most ``MAX_HEIGHT`` deep. What would go beyond that is ``UNKNOWN``, or has no arguments.

Nodes compare by identity, atoms too, for they are interned. The hash of an atom is made from names and places alone,
so that values are walked in the same order on every run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from phase12_lint.syntax.marks import mark
from phase12_lint.values.interning import Interned, remembered

MAX_SITE_WEIGHT = 2
MAX_HEIGHT = 4
MAX_TEXT = 200
MAX_PARTS = 8

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


class Marked(metaclass=Interned):
    """What is interned; ``mark`` is its hash, ``height`` how deep atoms are nested in it."""

    __slots__ = ("height", "mark")
    height: int
    mark: int

    def __post_init__(self) -> None:
        self.height = self.nested()
        self.mark = self.marked()

    def __hash__(self) -> int:
        return self.mark

    def marked(self) -> int:
        """The hash, from names and places."""
        raise NotImplementedError

    def nested(self) -> int:
        """How deep atoms are nested in it."""
        return 0


@dataclass(eq=False, slots=True)
class Text(Marked):
    """A constant string; ``member`` if it is one of an enumeration of texts."""

    text: str
    member: Instance | None = None

    @classmethod
    def bounded(cls, text: str, member: Instance | None) -> Opaque | None:
        return UNKNOWN if len(text) > MAX_TEXT else None

    def marked(self) -> int:
        return mark("text", self.text, self.member)


@dataclass(eq=False, slots=True)
class External(Marked):
    """Something outside the program by its qualified name: ``functools.partial``, ``builtins.getattr``."""

    name: str

    @classmethod
    def bounded(cls, name: str) -> Opaque | None:
        return UNKNOWN if name.count(".") >= MAX_PARTS else None

    def marked(self) -> int:
        return mark("external", self.name)


@dataclass(eq=False, slots=True)
class ModuleRef(Marked):
    """A module of the program, or (``module`` None) a namespace package of it."""

    name: str
    module: Module | None
    importer: Module

    def marked(self) -> int:
        return mark("module", self.name)


@dataclass(eq=False, slots=True)
class Site(Marked):
    """Where a value was made or comes in, and under which call; ``within`` for what is as deep inside of that."""

    node: ast.AST
    scope: Scope
    frame: Frame | None
    within: int = 0

    def marked(self) -> int:
        return mark(self.node, self.scope.mark, self.frame.mark if self.frame is not None else 0, self.within)

    @classmethod
    def of(cls, node: ast.AST, scope: Scope, frame: Frame | None) -> Site:
        """The site; the call is kept only while it is a short story, so that there are finitely many sites."""
        return cls(node, scope, frame if frame is not None and frame.weight <= MAX_SITE_WEIGHT else None)


@dataclass(eq=False, slots=True)
class Kept(Marked):
    """Stands for the site of ``owner``, something that belongs to a library; for one ``key`` of it where all that is
    known is its class.
    """

    owner: Atom
    key: str | None = None

    def nested(self) -> int:
        return height(self.owner)

    def marked(self) -> int:
        return mark("kept", self.owner, self.key)


class OfClass(Marked):
    """A class or an instance of one, with the type ``arguments`` that it was given: the last of its three fields."""

    __slots__ = ()
    arguments: tuple[tuple[str, Value], ...]

    @classmethod
    def bounded(cls, known: ClassInfo | str, second: Any, arguments: tuple[tuple[str, Value], ...]) -> Any:
        low = tuple((name, _low(value)) for name, value in arguments)
        return (known, second, low) if low != arguments else None

    def nested(self) -> int:
        return 1 + _height(value for _, value in self.arguments) if self.arguments else 0


@dataclass(eq=False, slots=True)
class ClassRef(OfClass):
    """A class object; ``reflected`` if it was reached through ``type(x)`` or ``x.__class__``."""

    cls: ClassInfo | str
    reflected: bool = False
    arguments: tuple[tuple[str, Value], ...] = ()

    def marked(self) -> int:
        cls = self.cls if isinstance(self.cls, str) else self.cls.scope.mark
        return mark("class", cls, self.reflected, *(part for pair in self.arguments for part in pair))


@dataclass(eq=False, slots=True)
class Instance(OfClass):
    """An instance of a class of the program, or of an external one by its qualified name."""

    cls: ClassInfo | str
    site: Site | None = None
    arguments: tuple[tuple[str, Value], ...] = ()

    def marked(self) -> int:
        cls = self.cls if isinstance(self.cls, str) else self.cls.scope.mark
        return mark("instance", cls, self.site, *(part for pair in self.arguments for part in pair))


@dataclass(eq=False, slots=True)
class Function(Marked):
    """A function of the program; ``receiver`` is what its first parameter is bound to."""

    scope: Scope
    receiver: Atom | None = None
    closure: Frame | None = None

    def nested(self) -> int:
        return height(self.receiver)

    def marked(self) -> int:
        return mark("function", self.scope.mark, self.receiver, self.closure)


@dataclass(eq=False, slots=True)
class TypeExpression(Marked):
    """What only means something as an annotation: ``dict[str, Plugin]``, a ``TypeVar``, a parameter ``[T]``."""

    node: Any
    scope: Scope

    def marked(self) -> int:
        return mark("type", self.node, self.scope.mark)


@dataclass(eq=False, slots=True)
class Super(Marked):
    """``super()`` in a method of ``cls``."""

    cls: ClassInfo
    receiver: Atom

    def nested(self) -> int:
        return height(self.receiver)

    def marked(self) -> int:
        return mark("super", self.cls.scope.mark, self.receiver)


@dataclass(eq=False, slots=True)
class Container(Marked):
    """A container or iterable. ``items`` are what an annotation says of it, which comes in at ``site`` if that is
    known; else ``site`` made it.

    ``kind`` is ``tuple`` (with ``items`` by position when ``exact``), ``dict`` (keys, values) or ``list``; ``any`` for
    what may be a container, and of which no making is seen.
    """

    kind: str
    site: Site | Kept | None = None
    items: tuple[Value, ...] = ()
    exact: bool = False

    @classmethod
    def bounded(cls, kind: str, site: Site | None, items: tuple[Value, ...], exact: bool) -> Any:
        low = tuple(map(_low, items))
        return (kind, site, low, exact) if low != items else None

    @property
    def made(self) -> Site | None:
        """Where it was made, if that is seen."""
        return self.site if isinstance(self.site, Site) and not self.items and self.kind != "any" else None

    def nested(self) -> int:
        return 1 + max(_height(self.items), height(self.site.owner) if isinstance(self.site, Kept) else 0)

    def marked(self) -> int:
        return mark(self.kind, self.site, *self.items)


@dataclass(eq=False, slots=True)
class Partial(Marked):
    """``functools.partial(...)`` made at ``site``."""

    site: Site

    def marked(self) -> int:
        return mark("partial", self.site)


@dataclass(eq=False, slots=True)
class Getter(Marked):
    """``operator.methodcaller`` or ``attrgetter`` made at ``site``."""

    site: Site

    def marked(self) -> int:
        return mark("getter", self.site)


@dataclass(eq=False, slots=True)
class Method(Marked):
    """A method of a container or of something external, taken from ``owner``."""

    owner: Atom
    name: str

    @classmethod
    def bounded(cls, owner: Atom, name: str) -> Any:
        return (_lowered(owner, MAX_HEIGHT - 1), name) if height(owner) >= MAX_HEIGHT else None

    def nested(self) -> int:
        return 1 + height(self.owner)

    def marked(self) -> int:
        return mark("method", self.owner, self.name)


@dataclass(eq=False, slots=True)
class Typed(Marked):
    """A callable of which only an annotation is known: calling it gives ``result``."""

    result: Value

    @classmethod
    def bounded(cls, result: Value) -> Any:
        low = _low(result)
        return (low,) if low != result else None

    def nested(self) -> int:
        return 1 + _height((self.result,))

    def marked(self) -> int:
        return mark("typed", self.result)


@dataclass(eq=False, slots=True)
class Sourced(Marked):
    """A governed value of unknown class. ``named`` if only its name says so, else from a plugin source.

    ``role`` is ``plugin``, ``plugin class`` or ``runner``.
    """

    node: ast.AST
    named: bool
    role: str = "plugin"

    def marked(self) -> int:
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
Value = frozenset[Atom]


def height(atom: Atom | None) -> int:
    """How deep other atoms are nested in ``atom``."""
    return atom.height if isinstance(atom, Marked) else 0


def _height(values: Iterable[Value]) -> int:
    return max((height(atom) for value in values for atom in value), default=0)


def _low(value: Value, most: int = MAX_HEIGHT - 1) -> Value:
    """``value`` as it can be nested once more: what is nested deeper than ``most`` in it is unknown."""
    if all(height(atom) <= most for atom in value):
        return value
    return frozenset(_lowered(atom, most) for atom in value)


@remembered
def _lowered(atom: Atom, most: int) -> Atom:
    if height(atom) <= most:
        return atom
    if isinstance(atom, (ClassRef, Instance)):
        kept = atom.arguments if most > 0 else ()
        return replace(atom, arguments=tuple((name, _low(value, most - 1)) for name, value in kept))
    if not isinstance(atom, Container) or not atom.items or isinstance(atom.site, Kept) or most < 1:
        return UNKNOWN
    return Container(atom.kind, atom.site, tuple(_low(item, most - 1) for item in atom.items), atom.exact)


def of_any_call(atom: Atom) -> Atom:
    """A container or instance as it is under any call of the function that makes it: one for all of its calls.

    Containers of which no making is seen are not told apart.
    """
    if not isinstance(atom, (Container, Instance)) or atom.site is None:
        return atom
    if isinstance(atom, Container) and atom.made is None:
        return Container(atom.kind, None, atom.items, atom.exact) if atom.items else UNKNOWN
    site = atom.site
    if not isinstance(site, Site) or site.frame is None:
        return atom
    return replace(atom, site=Site(site.node, site.scope, None, site.within))


NOTHING: Value = frozenset()
ANYTHING: Value = frozenset({UNKNOWN})
ELSE: Value = frozenset({OTHER})
JUST_NONE: Value = frozenset({NONE})
