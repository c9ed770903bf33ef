"""The last layer above the choke point."""

from __future__ import annotations

from documents.tool_runner import Outcome, ToolRunner


class PluginManagementService:
    """Knows the runner, and no plugin."""

    def __init__(self, tool_runner: ToolRunner) -> None:
        self._tool_runner = tool_runner

    def execute(self, plugin_name: str, image: bytes, mime_type: str) -> Outcome:
        return self._tool_runner.run(plugin_name, image, mime_type)
