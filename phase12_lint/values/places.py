"""What the survey says of single places: the facts that rules judge."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import Scope


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a value counts as governed: what it is called in the code, how sure that is, and the hops."""

    what: str
    confidence: Confidence
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something governed at ``node``. ``inside``: the place is part of the choke point."""

    node: ast.AST
    scope: Scope
    evidence: Evidence
    inside: bool


@dataclass(frozen=True, slots=True)
class RunAccess(Fact):
    """``x.run`` on a plugin or a plugin class.

    ``use`` is ``called``, ``taken``, ``looked`` (only looked at) or ``delegated`` (``super().run()`` or
    ``Base.run(self)`` in an override); ``unbound`` if ``x`` is the class; ``method`` is the attribute's name.
    """

    method: str
    use: str
    unbound: bool

    @property
    def written(self) -> str:
        """The run as the code writes it; an object that is called itself with brackets."""
        is_named = isinstance(self.node, ast.Attribute) and self.node.attr == self.method
        return f"{self.evidence.what}.{self.method}" if is_named else f"{self.evidence.what}()"


@dataclass(frozen=True, slots=True)
class Reflection(Fact):
    """An expression by which reflection reaches a plugin's run; ``how`` names the means as written."""

    how: str
    method: str


Run = RunAccess | Reflection  # a place that runs a plugin, or may


@dataclass(frozen=True, slots=True)
class Replacement(Fact):
    """A place that replaces the choke point's entry or a plugin's run; ``target`` says which as ``Class.run``."""

    target: str
    how: str
