"""Finds the blocks of a page."""

from __future__ import annotations


class LayoutEngine:
    """Looks like a plugin in every respect but its class."""

    name = "layout"

    def __init__(self, columns: int = 1) -> None:
        self.columns = columns
        self.run_count = 0

    def run(self, page):
        """Split ``page`` into columns."""
        self.run_count += 1
        return [page] * self.columns

    def warm_up(self):
        """Run once on nothing."""
        return self.run(None)  # ok: an engine runs itself
