"""The ways to the plugin runs: a verdict for each, and the hops it is made of."""

from __future__ import annotations

from typing import NamedTuple

PROVED, VIOLATED, UNRESOLVED = "PROVED", "VIOLATED", "UNRESOLVED"


class Step(NamedTuple):
    """One hop: what is called, its layer (empty for none), where, and what says that it is that.

    Of the first hop, the entry, ``line`` is where it is defined and ``evidence`` what kind of entry it is.
    """

    name: str
    layer: str
    path: str
    line: int
    evidence: str


class Way(NamedTuple):
    """A way from an entry to a plugin run. ``reason`` says why it is not ``PROVED``; ``culprit`` is the hop's index."""

    verdict: str
    reason: str
    hops: tuple[Step, ...]
    culprit: int = -1

    @property
    def sort_key(self) -> tuple[object, ...]:
        """By where the way begins, then hop by hop."""
        return tuple((hop.path, hop.line, hop.name) for hop in self.hops)
