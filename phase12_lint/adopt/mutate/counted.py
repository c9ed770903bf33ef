"""What is found in a copy of the project. A process of its own does this, and does not import what makes the copies."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from phase12_lint.adopt.mutate.mutants import Mutant
from phase12_lint.engine import Request, run
from phase12_lint.faults import told
from phase12_lint.mechanics import mechanics
from phase12_lint.model import Confidence
from phase12_lint.select import ENFORCEMENT

Count = Counter[tuple[str, str]]


class Counted(NamedTuple):
    """How many findings of each code stand in each file, and what was raised meanwhile."""

    found: Count
    errors: tuple[str, ...]


def counted(request: Request, least: Confidence, mutant: Mutant | None) -> Counted:
    """How many findings of each code, ``least`` sure, stand in each file of the project as it is, or of a mutant."""
    texts = mutant.texts if mutant is not None else {}
    try:
        if mutant is not None and mutant.code.startswith(ENFORCEMENT):
            found = mechanics(request, texts)
            findings, errors = found.findings, found.errors
        else:
            overlay = {path: text for path, text in texts.items() if text is not None}
            outcome = run(request._replace(overlay=overlay, enforcement=mutant is None))
            findings, errors = outcome.findings, outcome.errors
    except Exception as error:
        findings, errors = (), (told(mutant.code if mutant is not None else "check", error),)
    return Counted(Counter((each.code, each.path) for each in findings if each.confidence >= least), errors)
