"""Tries again what fails."""

from __future__ import annotations


class Retrying:
    """Holds what every caller gives it: plugins."""

    def __init__(self, target, times) -> None:
        self.target = target
        self.times = times

    def call(self, payload):
        """Run the target until it works."""
        for _ in range(self.times):
            try:
                return self.target.run(payload)  # error: GOV101
            except OSError:
                continue
        return {}


class Redrawing:
    """Holds what every caller gives it: engines."""

    def __init__(self, plugin, times) -> None:
        self.plugin = plugin
        self.times = times

    def call(self, page):
        """Run the engine until it works."""
        for _ in range(self.times):
            try:
                return self.plugin.run(page)  # ok: every caller passes an engine
            except OSError:
                continue
        return {}
