"""What the interface talks to."""

from __future__ import annotations

from docflow.services.jobs import JobManagementService


class AnalysisService:
    """The first service."""

    def __init__(self, jobs: JobManagementService) -> None:
        self.jobs = jobs

    def analyze(self, name, payload):
        """Have ``payload`` analysed by ``name``."""
        return self.jobs.submit(name, payload)

    def run(self, name, payload):
        """The same under another name."""
        return self.analyze(name, payload)

    def rerun(self, name, payload):
        """Twice."""
        return [self.run(name, payload), self.run(name, payload)]  # ok: a service runs itself
