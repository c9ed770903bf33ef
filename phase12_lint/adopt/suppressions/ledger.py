"""The ledger of a project, and its totals by code and by owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from phase12_lint.adopt.suppressions.items import BASELINE, NOQA, Gate, Item


class Tally(NamedTuple):
    """How many suppressions there are of each kind, how many are stale, and the highest age in days that is known."""

    noqa: int
    baseline: int
    stale: int
    oldest: int | None


class Owner(NamedTuple):
    """Whom suppressions belong to; nobody, for the reason ``unknown``."""

    name: str
    email: str
    unknown: str


class Ledger(NamedTuple):
    """All suppressions, by place, as they are ``now``; ``incomplete`` says what is not known of them."""

    items: tuple[Item, ...]
    gate: Gate
    now: float
    incomplete: tuple[str, ...] = ()

    def refused(self, item: Item) -> list[str]:
        """Why ``item`` does not pass the gate; empty if it does."""
        return list(self.gate.refuses(item, self.now))

    @property
    def refusals(self) -> int:
        """How many do not pass the gate."""
        return sum(bool(self.refused(item)) for item in self.items)

    def by_code(self) -> dict[str, Tally]:
        """The totals of each code, in the order of the codes."""
        codes = sorted({code for item in self.items for code in item.codes})
        return {
            code: self._tally([each for each in self.items if code in each.codes], {code}) for code in codes
        }

    def by_owner(self) -> dict[Owner, Tally]:
        """The totals of each owner, those with the most first; what nobody is known for comes last."""
        held: dict[Owner, list[Item]] = {}
        for item in self.items:
            owner = Owner(item.author.name, item.author.email, item.author.unknown)
            held.setdefault(owner, []).append(item)
        order = sorted(held, key=lambda owner: (bool(owner.unknown), -len(held[owner]), owner))
        codes = {code for item in self.items for code in item.codes}
        return {owner: self._tally(held[owner], codes) for owner in order}

    def _tally(self, items: Sequence[Item], codes: set[str]) -> Tally:
        """The total of ``items``, of which one is stale if one of ``codes`` is."""
        ages = [age for item in items if isinstance(age := item.age(self.now), int)]
        kinds = [item.kind for item in items]
        stale = sum(not codes.isdisjoint(item.stale) for item in items)
        return Tally(kinds.count(NOQA), kinds.count(BASELINE), stale, max(ages, default=None))
