"""What the search from the choke point upwards finds: calls, what they call, and what reaches them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import NamedTuple

from phase12_lint.model import Confidence
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Frame
from phase12_lint.values.places import Evidence


@dataclass(frozen=True, slots=True)
class Callee:
    """What a governed call calls first: a function (None if it is outside the program) of ``layer``, and how
    that is known (``resolution.how_known``, or ``name``).

    ``on_behalf`` is the scope that handed over what is called, where another than the caller's did;
    ``is_passed_through`` if the caller was given it in its own call, which is a governed call, too, or wraps it.
    """

    scope: Scope | None
    layer: int | None
    how: str
    confidence: Confidence
    on_behalf: Scope | None = None
    is_passed_through: bool = False


@dataclass(frozen=True, slots=True)
class GovernedCall:
    """A call that reaches the choke point's entry. ``node`` is a property's attribute where reading it calls it.

    ``handed`` if ``node`` only hands the function to something outside the program; ``runs`` if it calls the runner
    itself; ``deferred`` if it returns before the plugin runs: it starts a task or a thread, or queues a job;
    ``is_late`` if what it calls does so, and is over when it is waited for.
    """

    node: ast.expr
    scope: Scope
    callees: tuple[Callee, ...]
    evidence: Evidence
    handed: bool = False
    runs: bool = False
    deferred: bool = False
    is_late: bool = False

    @property
    def written(self) -> str:
        """What is called, as written; of a call that only hands it over, what is handed over."""
        if self.handed or not isinstance(self.node, ast.Call):
            return self.evidence.what
        return describe(self.node.func)

    @property
    def layer(self) -> int | None:
        """The layer whose method it calls first, the lowest if there are several; None if it calls a helper."""
        found = [callee.layer for callee in self.callees if callee.layer is not None]
        return max(found) if found else None


class Own(NamedTuple):
    """The expression ``self.x`` in ``method``, and the function that it is; or, ``of_object``, the expression of an
    object, and the method that is called of it.
    """

    node: ast.expr
    method: Scope
    function: Scope
    of_object: bool = False


class Target(NamedTuple):
    """A function that reaches the entry, under the call ``frame`` if only under that.

    ``deferred`` if it reaches the entry only when the call is over, through a task, a queue or a thread.
    If what it calls was given to it in that call, ``taken`` is the scope that gave it and ``carried`` what it gave.
    ``own`` is the attribute of ``self`` that it calls, or ``self`` where it hands that on to be called, if that is
    something else for another ``self``; ``given`` the parameter of which it calls a method under ``frame``.
    """

    scope: Scope
    frame: Frame | None = None
    deferred: bool = False
    taken: Scope | None = None
    carried: Callee | None = None
    own: Own | None = None
    given: Own | None = None


class Edge(NamedTuple):
    """``call``, one governed call with the one callee that matters here, leads from ``caller`` to ``target``.

    ``caller`` is None for code that stands in no function; ``target`` None for what is outside the program.
    """

    caller: Target | None
    call: GovernedCall
    target: Target | None

    @property
    def is_handed_over(self) -> bool:
        """Whether the target is handed over, to be called by something else than the code at hand."""
        return self.call.handed or self.call.callees[0].on_behalf is not None
