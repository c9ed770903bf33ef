"""Keeps the jobs."""

from __future__ import annotations

from docflow.models import Job
from docflow.services.plugin_management import PluginManagementService


class JobManagementService:
    """One job after the other."""

    def __init__(self, management: PluginManagementService) -> None:
        self.management = management
        self.history: list[Job] = []

    def submit(self, name, payload):
        """Run ``name`` and remember it."""
        return self.management.execute(name, payload)

    def replay(self, index):
        """Run an old job again."""
        job = self.history[index]
        return job.tool.run(job.payload)  # error: GOV101

    def replay_all(self):
        """Run all old jobs again, by the class's back door."""
        return [type(job.tool).run(job.tool, job.payload) for job in self.history]  # error: GOV103
