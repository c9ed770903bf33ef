"""Which parameters of a function go whole, through the functions it calls, to something outside the program."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.frames import Frame

Parameter = tuple[Scope, str]


class Passing:
    """Collects what calls pass on, in any order; then says what becomes of the parameters of ``root``.

    A part of what ``root`` is given, passed on alone, is not the whole of it. Parameters of a function that is
    entered otherwise than by a call that is followed may be anything, the whole included.
    """

    def __init__(self, root: Scope) -> None:
        self._reached = set(_parameters(root))
        self._passed: list[tuple[Parameter, Parameter]] = []
        self._foreign: set[Parameter] = set()

    def enter(self, scope: Scope) -> None:
        """``scope`` runs with arguments that are not known."""
        self._reached.update(_parameters(scope))

    def to_foreign(self, call: ast.Call, scope: Scope) -> None:
        """``call`` is of something that is not known."""
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        self._foreign.update((scope, node.id) for node in given if isinstance(node, ast.Name))

    def to_function(self, frame: Frame) -> None:
        """A call in the program is ``frame``."""
        star = [(frame.scope, p.node.arg) for p in frame.scope.params if p.kind in ("star", "starstar")]
        bound = [(argument, (frame.scope, name)) for name, given in frame.bound.items() for argument in given]
        more = (*frame.extra, *(argument for _, argument in frame.extra_keywords))
        for argument, target in (*bound, *((argument, target) for argument in more for target in star)):
            if isinstance(argument.node, ast.Name):
                self._passed.append(((argument.scope, argument.node.id), target))

    @property
    def is_open(self) -> bool:
        """Whether anything of what ``root`` is given goes whole to something that is not known."""
        reached, before = self._reached, -1
        while len(reached) > before:
            before = len(reached)
            reached |= {target for source, target in self._passed if source in reached}
        return not reached.isdisjoint(self._foreign)


def _parameters(scope: Scope) -> Iterator[Parameter]:
    return ((scope, param.node.arg) for param in scope.module.bound(scope).params)
