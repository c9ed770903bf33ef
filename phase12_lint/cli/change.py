"""``check --diff-base REV``: which findings the change since REV brings."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection

from phase12_lint.cli.errors import UsageError
from phase12_lint.engine import Outcome, Progress, Request
from phase12_lint.model import Finding


def brought(
    options: Namespace, request: Request, outcome: Outcome, progress: Progress
) -> tuple[Collection[Finding], tuple[str, ...]]:
    """Those findings of ``outcome`` that ``options`` ask for, and what is to be said of how they were chosen.

    All of them without ``--diff-base``. Raises ``UsageError``.
    """
    if options.diff_base is None:
        return frozenset(outcome.findings), ()
    from phase12_lint.adopt.history import before
    from phase12_lint.adopt.matching import match
    from phase12_lint.adopt.trees import HistoryError

    same_policy = options.isolated or options.config is not None
    try:
        past = before(request, options.diff_base, same_policy, progress)
    except HistoryError as error:
        raise UsageError(str(error)) from None
    matched = match(outcome.findings, past.known)
    told = f"only what the change since {past.commit[:12]} (merge base with {options.diff_base}) brings"
    return frozenset(matched.new), (*past.notes, f"{told}; {len(matched.known)} found there already")
