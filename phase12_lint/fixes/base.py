"""What a fix is made from."""

from __future__ import annotations

import ast
from typing import NamedTuple, TypeVar

from phase12_lint.inspect.no_change import NoChange
from phase12_lint.model import Finding
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

F = TypeVar("F", bound=Fact)


class NoFix(NoChange):
    """The finding has no fix that is sure; says why."""


class Found(NamedTuple):
    """A finding in ``module``, with the fact that it is about and the program, where it is about code."""

    finding: Finding
    module: Module
    of: Fact | None
    of_program: Program | None

    def fact(self, kind: type[F]) -> F:
        """The fact, which is of ``kind``."""
        assert isinstance(self.of, kind)
        return self.of

    @property
    def program(self) -> Program:
        """The program."""
        assert self.of_program is not None
        return self.of_program

    @property
    def scope(self) -> Scope:
        """Where the fact stands."""
        return self.fact(Fact).scope

    @property
    def node(self) -> ast.AST:
        """What the fact is about."""
        return self.fact(Fact).node


def demand(condition: object, why: str) -> None:
    """Raises ``NoFix`` that says ``why`` unless ``condition`` holds."""
    if not condition:
        raise NoFix(why)
