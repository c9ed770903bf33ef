"""What the API calls."""

from __future__ import annotations

from typing import Any

from reference_runtime.errors import Envelope
from reference_runtime.services.jobs import Job, JobManagementService


class AnalysisService:
    """Analyses images, each as a job of ``jobs``."""

    def __init__(self, jobs: JobManagementService) -> None:
        self._jobs = jobs

    def start(self) -> None:
        """Begin to work off the queue."""
        self._jobs.start()

    async def stop(self) -> None:
        """Stop; jobs that have not ended are taken up by the next service."""
        await self._jobs.stop()

    async def analyze(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """Wait for the analysis: ``(result, error)``, as ``ToolRunner.run`` gives it."""
        return await self._jobs.run_job(plugin_name, payload)

    def submit(self, plugin_name: str, payload: dict[str, Any]) -> str:
        """Queue the analysis; returns the job's id."""
        return self._jobs.submit_job(plugin_name, payload)

    def job(self, job_id: str) -> Job | None:
        """The job of that id, if there is one."""
        return self._jobs.job(job_id)

    def cancel(self, job_id: str) -> Job | None:
        """The job of that id, after it was cancelled if it had not ended."""
        return self._jobs.cancel(job_id)
