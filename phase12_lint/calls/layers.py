"""The layers: which code is of which, 0 being the API and the last one the choke point."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from phase12_lint.calls.routes import is_route
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

API = 0


class Layer:
    """One layer as a place that code stands in. ``number`` is its place from the API down."""

    def __init__(self, layers: Layers, number: int) -> None:
        self._layers = layers
        self._number = number

    def holds(self, scope: Scope) -> bool:
        """Whether ``scope`` stands in it: in its class, or in a route."""
        return self._layers.written_in(scope) == self._number

    def excludes(self, scope: Scope) -> bool:
        """Whether ``scope`` stands in another layer."""
        return self._layers.written_in(scope) not in (None, self._number)


class Layers:
    """The layers of one program under its policy."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.names = ("API", *map(last_part, program.policy.layers), last_part(program.policy.choke_point[0]))
        self.last = len(self.names) - 1
        self._written: dict[Scope, int | None] = {}
        self._known: dict[Scope, int | None] = {}

    @cached_property
    def _homes(self) -> tuple[Layer, ...]:
        return tuple(Layer(self, number) for number in range(self.last))

    def of(self, scope: Scope) -> int | None:
        """The layer whose code ``scope`` is part of: written in it, or called by nothing else."""
        if scope not in self._known:
            self._known[scope] = self._find(scope)
        return self._known[scope]

    def _find(self, scope: Scope) -> int | None:
        written = self.written_in(scope)
        if written is not None or scope.kind == "module":
            return written
        if self.is_in_last(scope):
            return self.last
        for number, home in enumerate(self._homes):
            if self._program.is_part_of(scope, home):
                return number
        return None

    def is_in_last(self, scope: Scope) -> bool:
        """Whether ``scope`` is part of the choke point."""
        written = self.written_in(scope)
        return written == self.last or (written is None and self._program.is_inside(scope))

    def written_in(self, scope: Scope) -> int | None:
        """The layer in whose class, route or choke point ``scope`` stands."""
        if scope not in self._written:
            self._written[scope] = None
            self._written[scope] = self._written_in(scope)
        return self._written[scope]

    def _written_in(self, scope: Scope) -> int | None:
        if self._program.choke.holds(scope):
            return self.last
        for outer in scope.chain():
            if outer.kind == "class":
                number = self._of_code_in(self._program.class_of(outer))
                if number is not None:
                    return number
            elif not self._is_method_of_layer(outer) and is_route(self._program, outer):
                return API
        return None

    def _is_method_of_layer(self, scope: Scope) -> bool:
        """A layer that is registered as a route stays what it is: the route goes past the layers above it."""
        owner = scope.class_scope
        return owner is not None and self.of_class(self._program.class_of(owner)) is not None

    def _of_code_in(self, cls: ClassInfo) -> int | None:
        """The layer of the code in ``cls``: its own, or the one that all classes below it are of."""
        number = self.of_class(cls)
        if number is not None:
            return number
        below = {self.of_class(each) for each in self._program.subclasses(cls)}
        number = below.pop() if len(below) == 1 else None
        return number if number != self.last else None

    @staticmethod
    def is_nested(scope: Scope) -> bool:
        """Whether it is a lambda or a function within a function: it can only be called where it is handed to."""
        return scope.kind == "lambda" or any(
            outer.is_function for outer in scope.chain() if outer is not scope
        )

    def of_class(self, cls: ClassInfo | str) -> int | None:
        """The layer that ``cls``, a class of the program or an external one by its name, is or is below."""
        if self._program.governed.is_runner_class(cls):
            return self.last
        for ancestor in self._line(cls):
            for number, entry in enumerate(self._program.policy.layers, 1):
                if self._names(ancestor, entry):
                    return number
        return None

    def _line(self, cls: ClassInfo | str) -> Iterator[ClassInfo | str]:
        if isinstance(cls, str):
            yield cls
        else:
            yield from cls.ancestors(self._program)

    @staticmethod
    def _names(cls: ClassInfo | str, entry: str) -> bool:
        if isinstance(cls, ClassInfo):
            return cls.scope.goes_by(entry)
        return f".{cls}".endswith("." + entry.replace(":", "."))


def layers_of(program: Program) -> Layers:
    """The layers of ``program``."""
    return program.once(Layers)


def layer_of(program: Program, scope: Scope) -> int | None:
    """The layer whose code ``scope`` is part of; None if it is code of no layer."""
    return layers_of(program).of(scope)


def layer_name(program: Program, number: int) -> str:
    """What the policy calls a layer: ``API``, a class, or the choke point."""
    return layers_of(program).names[number]
