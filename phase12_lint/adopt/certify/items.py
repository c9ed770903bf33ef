"""One line of the checklist, and all of them."""

from __future__ import annotations

from typing import NamedTuple


class Item(NamedTuple):
    """A criterion. ``evidence`` says what was seen; ``open`` what is missing, empty if it is met."""

    title: str
    section: str
    evidence: tuple[str, ...]
    open: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return not self.open


class Certificate(NamedTuple):
    """The checklist of the project ``name``; ``errors`` are what was raised meanwhile, the traceback below it."""

    name: str
    items: tuple[Item, ...]
    errors: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every line is met."""
        return all(item.is_met for item in self.items)
