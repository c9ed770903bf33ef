"""The layer above the choke point."""

from typing import Any

from reference_runtime.errors import Envelope
from reference_runtime.tool_runner import ToolRunner


class PluginManagementService:
    """Hands runs to ``runner``."""

    def __init__(self, runner: ToolRunner) -> None:
        self._runner = runner

    async def run_plugin(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        return await self._runner.run(plugin_name, payload)
