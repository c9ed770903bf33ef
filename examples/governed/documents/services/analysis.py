"""The first layer below the API."""

from __future__ import annotations

from documents.services.jobs import JobManagementService
from documents.tool_runner import Outcome


class AnalysisService:
    """What a caller may ask for."""

    def __init__(self, jobs: JobManagementService) -> None:
        self._jobs = jobs

    def analyze(self, plugin_name: str, image: bytes, mime_type: str) -> Outcome:
        return self._jobs.submit(plugin_name, image, mime_type)
