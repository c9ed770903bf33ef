"""What every group of rows gets: how to race, the tools that are there, and where to note what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers, trees
from benchmarks.measure import Contestant, Figure, Race


class Bench(NamedTuple):
    """``notes`` grows while the groups measure."""

    race: Race
    tools: Mapping[str, Path]
    notes: list[str]

    def run(
        self, tree: Path, contestants: Sequence[Contestant], beside: Iterable[str] = ()
    ) -> dict[str, Figure]:
        """The figures of ``contestants`` and of the peers named in ``beside``, those that are there, on ``tree``."""
        return self.race.run([*contestants, *peers.contestants(beside, tree, self.tools)])

    def once(self, contestants: Sequence[Contestant]) -> dict[str, Figure]:
        """The figures of one run each."""
        return self.race._replace(rounds=1).run(contestants)

    def note(self, name: str, tree: Path, more: str = "") -> None:
        """Say how large ``tree`` is."""
        self.notes.append(f"{name}: {trees.size(tree)}{more}")
