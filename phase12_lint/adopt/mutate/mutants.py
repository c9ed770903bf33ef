"""What a mutant is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from phase12_lint.inspect.no_change import NoChange

CAUGHT, NOT_APPLICABLE, MISSED = "caught", "not applicable", "missed"


class NotApplicable(NoChange):
    """The code has no place where a pattern could be put; says why."""


class Mutant(NamedTuple):
    """A copy of the project that breaks the rule ``code``.

    ``texts`` are those of the files that differ, by path; None for what is taken away. The finding has to stand in
    the file ``at``, anywhere if that is empty.
    """

    code: str
    does: str
    texts: Mapping[str, str | None]
    at: str


class Trial(NamedTuple):
    """One mutant, whether it was caught, where it differs first, and how, as a unified diff."""

    does: str
    is_caught: bool
    path: str
    line: int
    diff: str


class Verdict(NamedTuple):
    """What became of the mutants of a rule in one pipeline; ``reason`` is why there are none."""

    code: str
    pipeline: str
    trials: tuple[Trial, ...] = ()
    reason: str = ""

    @property
    def word(self) -> str:
        """``caught`` if all were, ``missed`` if one was not, ``not applicable`` if there are none."""
        if not self.trials:
            return NOT_APPLICABLE
        return CAUGHT if all(trial.is_caught for trial in self.trials) else MISSED
