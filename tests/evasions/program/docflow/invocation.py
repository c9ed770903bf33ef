"""How the runner calls a plugin; nobody else comes here."""

from __future__ import annotations

from docflow.plugins.base import Plugin


def invoke(plugin: Plugin, payload):
    """Run ``plugin``."""
    return plugin.run(payload)  # ok: only the runner calls this


def invoke_by_name(plugin: Plugin, payload, method="run"):
    """Run ``plugin`` by the name of its method."""
    return getattr(plugin, method)(payload)  # ok: only the runner calls this


class TimedInvocation:
    """A run that can be handed to a pool."""

    def __init__(self, plugin: Plugin, payload) -> None:
        self.plugin = plugin
        self.payload = payload

    def execute(self):
        """Run the plugin."""
        return self.plugin.run(self.payload)  # ok: only the runner makes and executes it
