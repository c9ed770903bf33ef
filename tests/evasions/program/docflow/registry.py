"""Holds the plugins by name."""

from __future__ import annotations

from collections.abc import Iterator

from docflow.plugins.base import Plugin


class PluginRegistry:
    """All plugins of the process."""

    def __init__(self) -> None:
        self._plugins: dict[str, Plugin] = {}
        self._latest = None

    def register(self, plugin: Plugin) -> None:
        """Add ``plugin`` under its name."""
        self._plugins[plugin.name] = plugin
        self._latest = plugin

    def get(self, name):
        """The plugin called ``name``."""
        return self._plugins[name]

    def all(self) -> list[Plugin]:
        """Every plugin."""
        return list(self._plugins.values())

    def pairs(self) -> Iterator[tuple[str, Plugin]]:
        """Every name with its plugin."""
        yield from self._plugins.items()

    @property
    def latest(self):
        """The plugin that was registered last."""
        return self._latest

    def healthy(self, name) -> bool:
        """Whether the plugin can be run at all."""
        return callable(self._plugins[name].run)  # ok: only looked at

    def run_all(self, payload):
        """Every plugin on the same payload."""
        return {name: tool.run(payload) for name, tool in self._plugins.items()}  # error: GOV101

    def runners(self):
        """The entry of every plugin."""
        return {name: tool.run for name, tool in self._plugins.items()}  # error: GOV102
