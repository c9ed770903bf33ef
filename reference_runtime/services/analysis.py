"""What the API calls."""

from __future__ import annotations

from typing import Any

from reference_runtime.errors import Envelope
from reference_runtime.services.jobs import JobManagementService


class AnalysisService:
    """Analyses images, each as a job of ``jobs``."""

    def __init__(self, jobs: JobManagementService) -> None:
        self._jobs = jobs

    def start(self) -> None:
        """Begin to work off what is queued."""
        self._jobs.start()

    async def stop(self, seconds: float) -> None:
        """Stop; what has not ended in ``seconds`` is left to the next service."""
        await self._jobs.stop(seconds)

    async def analyze(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """Wait for the analysis: ``(result, error)``, as ``ToolRunner.run`` gives it."""
        return await self._jobs.run_job(plugin_name, payload)

    async def submit(self, plugin_name: str, payload: dict[str, Any]) -> tuple[str, Envelope]:
        """Queue the analysis: the id of its job, or why there is none."""
        return await self._jobs.submit_job(plugin_name, payload)

    async def job(self, job_id: str) -> dict[str, Any] | None:
        """The job of that id, if there is one."""
        return await self._jobs.job(job_id)

    async def cancel(self, job_id: str) -> dict[str, Any] | None:
        """The job of that id, after it was cancelled if it had not ended."""
        return await self._jobs.cancel(job_id)
