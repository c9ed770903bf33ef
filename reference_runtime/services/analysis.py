"""What the API calls."""

from typing import Any

from reference_runtime.errors import Envelope
from reference_runtime.services.jobs import JobManagementService


class AnalysisService:
    """Analyses images, each as a job of ``jobs``; see there."""

    def __init__(self, jobs: JobManagementService) -> None:
        self._jobs = jobs
        self.submit, self.job, self.cancel, self.stop = jobs.submit_job, jobs.job, jobs.cancel, jobs.stop

    def start(self) -> None:
        self._jobs.start()

    async def analyze(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        return await self._jobs.run_job(plugin_name, payload)
