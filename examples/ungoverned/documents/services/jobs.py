"""Numbers the jobs and hands them down, but for small pages."""

from __future__ import annotations

from itertools import count

from documents.services.plugins import PluginManagementService
from documents.tool_runner import Outcome

SMALL = 64 * 1024


class JobManagementService:
    """One job for each request."""

    def __init__(self, plugins: PluginManagementService) -> None:
        self._plugins = plugins
        self._numbers = count(1)
        self.last_job = 0

    def submit(self, plugin_name: str, image: bytes, mime_type: str) -> Outcome:
        self.last_job = next(self._numbers)
        if len(image) < SMALL:
            reader = self._plugins.find(plugin_name)
            return reader.run(image, mime_type), None
        return self._plugins.execute(plugin_name, image, mime_type)
