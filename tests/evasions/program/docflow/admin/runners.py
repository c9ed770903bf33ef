"""Runners made from runners."""

from __future__ import annotations

from docflow.admin.patches import BatchRunner, RunnerStatistics, fast_run


class TracedRunner(BatchRunner):
    """Two classes and two modules away from the choke point."""

    async def run(self, name, payload):  # error: GOV105
        """Trace and hand on."""
        print(name)
        return super().run(name, payload)


class AssignedRunner(BatchRunner):
    """Overrides without a def."""

    run = fast_run  # error: GOV105


class TracedStatistics(RunnerStatistics):
    """Related to no choke point."""

    def run(self, name, payload):  # ok: no subclass of the runner
        """Trace and count."""
        return super().run(name, payload)  # ok: no subclass of the runner
