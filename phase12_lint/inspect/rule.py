"""What a rule is: a file in ``rules/`` with one class below, found and not listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from phase12_lint.enforcement.facts import Enforcement, Place
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.policy import Policy

if TYPE_CHECKING:
    from phase12_lint.calls.advice import Advice
    from phase12_lint.values.places import Fact

F = TypeVar("F", bound="Fact")


class Rule:
    """The identity of a rule; its docstring is its documentation (outline: CONTRIBUTING.md).

    ``section`` is the paragraph of the governance README; ``default`` whether it is on without being asked for;
    ``by_noqa`` whether a ``noqa`` suppresses what it finds: not in the policy, in hooks and in workflows.
    ``needs`` is the key of the policy that names what the rule demands: where it is empty, nothing is demanded.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    section: ClassVar[str]
    default: ClassVar[bool] = True
    by_noqa: ClassVar[bool] = True
    needs: ClassVar[str] = ""

    @classmethod
    def speaks(cls, policy: Policy) -> bool:
        """Whether ``policy`` names what the rule demands."""
        return not cls.needs or bool(policy.under(cls.needs))


class PlaceRule(Rule, Generic[F]):
    """A rule that judges one kind of fact, place by place. ``asks`` is that kind.

    ``advice`` knows what the program calls what a message names, and which call is due at a place.
    """

    asks: ClassVar[type[Fact]]

    def __init__(self, advice: Advice) -> None:
        self.advice = advice

    def check(self, fact: F) -> Iterator[str]:
        """The message of each defect at the place of ``fact``, in one line."""
        raise NotImplementedError

    def finding(self, fact: F, message: str, span: Span) -> Finding:
        """The finding that ``message`` tells."""
        return Finding(
            path=fact.scope.module.path,
            span=span,
            code=self.code,
            name=self.name,
            message=message,
            section=self.section,
            confidence=fact.evidence.confidence,
            trace=fact.evidence.hops,
        )


class ProjectRule(Rule):
    """A rule about the project's own files and not about its code."""

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """The place and the message of each defect, in one line."""
        raise NotImplementedError

    def findings(self, found: Enforcement) -> Iterator[Finding]:
        """The findings that ``check`` tells."""
        for place, message in self.check(found):
            yield Finding(
                place.path, place.span, self.code, self.name, message, self.section, Confidence.CERTAIN
            )
