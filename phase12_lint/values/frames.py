"""Calls as contexts: which argument each parameter of a function receives at one call."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phase12_lint.syntax.marks import mark
from phase12_lint.syntax.scopes import Param, Path, Scope
from phase12_lint.values.atoms import Atom, Marked, Site

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

MAX_WEIGHT = 3
MAX_HEIGHT = 6


@dataclass(eq=False, slots=True)
class Argument(Marked):
    """What ``path`` takes out of the expression ``node``; ``spread`` for ``*node`` and ``**node``."""

    node: ast.expr
    scope: Scope
    frame: Frame | None
    path: Path = ()
    spread: bool = False

    def marked(self) -> int:
        return mark(self.node, self.scope.mark, len(self.path), self.frame and self.frame.mark)

    def element(self, spread: bool = False) -> Argument:
        """What is in it, or what is in that where it is ``spread``."""
        return Argument(self.node, self.scope, self.frame, (*self.path, ("element", None)), spread)


@dataclass(eq=False, slots=True)
class Shape(Marked):
    """The arguments of a call as written, by position and by keyword (``**`` under the empty name), and its scope."""

    positional: tuple[Argument, ...]
    keywords: tuple[tuple[str, Argument], ...]
    where: Scope | None = None

    def marked(self) -> int:
        keywords = (part for name, each in self.keywords for part in (name, each.mark))
        return mark(*(each.mark for each in self.positional), *keywords)

    def arguments(self) -> Iterator[Argument]:
        """All of them."""
        yield from self.positional
        yield from (argument for _, argument in self.keywords)

    def without(self, count: int) -> Shape:
        """The shape less its first ``count`` positional arguments."""
        return Shape(self.positional[count:], self.keywords, self.where)

    def under(self, frame: Frame) -> Shape:
        """The same arguments, written in a function that ``frame`` calls."""
        positional = tuple(Argument(a.node, a.scope, frame, a.path, a.spread) for a in self.positional)
        keywords = tuple(
            (name, Argument(a.node, a.scope, frame, a.path, a.spread)) for name, a in self.keywords
        )
        return Shape(positional, keywords, self.where)

    def after(self, first: Shape) -> Shape:
        """This call's arguments behind those of ``first``, as ``partial`` puts them."""
        return Shape(first.positional + self.positional, first.keywords + self.keywords, self.where)


@dataclass(eq=False)
class Frame:
    """One call of ``scope``. Frames are interned: the same call is the same frame.

    Its ``weight`` is how many calls its story has, its ``height`` how deep it goes, through the calls under which its
    arguments are written as well. A call of at most ``MAX_WEIGHT`` and ``MAX_HEIGHT`` is told from others of the same
    function, so there are finitely many.
    """

    scope: Scope
    site: ast.AST
    receiver: Atom | None
    closure: Frame | None
    shape: Shape
    caller: Frame | None
    bound: dict[str, tuple[Argument, ...]] = field(default_factory=dict)
    extra: tuple[Argument, ...] = ()
    extra_keywords: tuple[tuple[str, Argument], ...] = ()
    weight: int = 1
    height: int = 1
    mark: int = 0

    def __post_init__(self) -> None:
        made = getattr(getattr(self.receiver, "site", None), "frame", None)
        around = (frame and frame.mark for frame in (self.closure, self.caller))
        self.mark = mark(self.scope.mark, self.site, self.receiver, self.shape.mark, *around)
        calls = {frame for frame in (self.caller, self.closure, made) if frame is not None}
        self.weight = 1 + sum(frame.weight for frame in calls)
        calls.update(argument.frame for argument in self.shape.arguments() if argument.frame is not None)
        self.height = 1 + max((frame.height for frame in calls), default=0)

    def __hash__(self) -> int:
        return self.mark

    def __repr__(self) -> str:
        return f"<call of {self.scope!r} at line {getattr(self.site, 'lineno', 0)}>"

    @property
    def decorated(self) -> Scope | None:
        """The function or class that this is the call of a decorator on."""
        given = self.shape.positional[0] if len(self.shape.positional) == 1 else None
        return getattr(given.node, "scope", None) if given is not None else None

    @property
    def depth(self) -> int:
        """How many calls deep it is, from 1."""
        return sum(1 for _ in self.stack())

    def stack(self) -> Iterable[Frame]:
        """This frame and those that called it, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.caller


def are_apart(one: Frame | None, other: Frame | None) -> bool:
    """Whether two calls are known to be different ones; None may be any."""
    if one is None or other is None or one is other:
        return False
    made = [getattr(getattr(frame.receiver, "site", None), "node", None) for frame in (one, other)]
    return (
        one.site is not other.site
        or (None not in made and made[0] is not made[1])
        or are_apart(one.caller, other.caller)
        or are_apart(one.closure, other.closure)
    )


def shape_of(call: ast.Call, scope: Scope, frame: Frame | None) -> Shape:
    """The arguments of ``call``."""
    positional = tuple(
        Argument(node.value, scope, frame, (), True)
        if isinstance(node, ast.Starred)
        else Argument(node, scope, frame)
        for node in call.args
    )
    keywords = tuple((k.arg or "", Argument(k.value, scope, frame, (), k.arg is None)) for k in call.keywords)
    return Shape(positional, keywords, scope)


def making(program: Program, site: Site) -> Shape | None:
    """What the call at ``site`` that makes an instance is given; None if it is no call."""
    if isinstance(site.node, ast.Call):
        return shape_of(site.node, site.scope, site.frame)
    module = site.scope.module
    decorated = module.parents.get(site.node)
    if decorated is not None and site.node in getattr(decorated, "decorator_list", ()):
        return program.decoration_shape(site.node, module.scope_of_node[decorated])
    return None


def fill(frame: Frame, given: tuple[Argument, ...], skip_first: bool) -> None:
    """Bind what is ``given`` by position, and the keywords of ``frame.shape``, to the parameters; ``skip_first`` if the
    receiver takes the first one.
    """
    positional = [p for p in frame.scope.params if p.kind == "positional"][1 if skip_first else 0 :]
    bound: dict[str, tuple[Argument, ...]] = {}
    extra: list[Argument] = []
    index, end = 0, _end_of_spread(frame, given, positional)
    for argument in given:
        if argument.spread:
            for offset, param in enumerate(positional[index:end]):
                one = Argument(
                    argument.node, argument.scope, argument.frame, (*argument.path, ("index", offset))
                )
                bound[param.node.arg] = (*bound.get(param.node.arg, ()), one)
            rest, index = len(positional) - index, max(index, end or 0)
            extra.append(
                Argument(
                    argument.node, argument.scope, argument.frame, (*argument.path, ("rest", rest)), True
                )
            )
        elif index < len(positional):
            name = positional[index].node.arg
            bound[name] = (*bound.get(name, ()), argument)
            index += 1
        else:
            extra.append(argument)
    _fill_keywords(frame, bound)
    frame.bound, frame.extra = bound, tuple(extra)


def _end_of_spread(frame: Frame, given: Sequence[Argument], positional: Sequence[Param]) -> int | None:
    """To which of the ``positional`` parameters comes what stands behind a list that is spread, if that is sure: each
    of them must be given something, and what is more than that is for ``*args``.
    """
    spread = [i for i, each in enumerate(given) if each.spread]
    if len(spread) != 1 or any(param.default is not None for param in positional):
        return None
    if any(param.kind == "star" for param in frame.scope.params):
        return len(positional)
    named = {name for name, _ in frame.shape.keywords}
    behind = len(given) - 1 - spread[0]
    return max(0, sum(param.node.arg not in named for param in positional) - behind)


def _fill_keywords(frame: Frame, bound: dict[str, tuple[Argument, ...]]) -> None:
    named = {p.node.arg: p for p in frame.scope.params if p.kind in ("positional", "keyword")}
    rest: list[tuple[str, Argument]] = []
    for name, argument in frame.shape.keywords:
        if name in named:
            bound[name] = (*bound.get(name, ()), argument)
        else:
            rest.append((name, argument))
        if not name:
            for param_name in named:
                before = bound.get(param_name, ())
                # What is bound by position out of a spread list may be beyond its end.
                if all(each.path and each.path[-1][0] == "index" for each in before):
                    path = (*argument.path, ("key", param_name))
                    one = Argument(argument.node, argument.scope, argument.frame, path)
                    bound[param_name] = (*before, one)
    frame.extra_keywords = tuple(rest)


def parameter(scope: Scope, name: str) -> Param | None:
    """The parameter of ``scope`` called ``name``."""
    return next((param for param in scope.params if param.node.arg == name), None)
