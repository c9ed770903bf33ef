"""Jobs that wait for their turn."""

from __future__ import annotations

from collections import deque

from docflow.models import Job, RenderTask


class WorkQueue:
    """First in, first out."""

    def __init__(self) -> None:
        self._pending: deque[Job] = deque()
        self._renders: list[RenderTask] = []

    def put(self, job: Job) -> None:
        """Add ``job``."""
        self._pending.append(job)

    def put_render(self, task: RenderTask) -> None:
        """Add ``task``."""
        self._renders.append(task)

    def drain(self):
        """Do everything, the first first."""
        while self._pending:
            job = self._pending.popleft()
            job.attempts += 1
            yield job.tool.run(job.payload)  # error: GOV101

    def drain_renders(self):
        """Draw everything."""
        for task in self._renders:
            yield task.plugin.run(task.page)  # ok: the attribute is an engine
            yield task.engine.run(task.page)  # ok: an engine

    def handlers(self):
        """What would be called for each job."""
        return {job.identifier: job.tool.run for job in self._pending}  # error: GOV102

    def render_handlers(self):
        """What would be called for each page."""
        return {task.page: task.plugin.run for task in self._renders}  # ok: the attribute is an engine

    def peek(self):
        """The documentation of the first job."""
        return self._pending[0].tool.run.__doc__  # ok: only looked at
