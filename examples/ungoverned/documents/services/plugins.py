"""The last layer above the choke point."""

from __future__ import annotations

from documents.registry import PluginRegistry
from documents.tool_runner import Outcome, ToolRunner


class PluginManagementService:
    """Knows the runner, and by now the plugins as well."""

    def __init__(self, tool_runner: ToolRunner, registry: PluginRegistry) -> None:
        self._tool_runner = tool_runner
        self._registry = registry

    def find(self, plugin_name: str):
        return self._registry.get(plugin_name)

    def execute(self, plugin_name: str, image: bytes, mime_type: str) -> Outcome:
        return self._tool_runner.run(plugin_name, image, mime_type)
