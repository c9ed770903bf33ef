"""Jobs: kept in SQLite, queued by huey, run by whoever claims them first.

huey delivers at most once. A job's row therefore has a lease, renewed while its owner lives; one whose lease has
run out is queued again by any service that notices, so a job survives the death of its worker.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any

from huey.api import Huey
from huey.consumer import Consumer

from reference_runtime.database import Database, Row
from reference_runtime.errors import Envelope, ExecutionError, build_error_envelope
from reference_runtime.services.plugins import PluginManagementService

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, plugin TEXT NOT NULL, payload TEXT, state TEXT NOT NULL, result TEXT, error TEXT,
    owner TEXT, tries INTEGER NOT NULL, lease REAL NOT NULL, made REAL NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_alive ON jobs (lease) WHERE state IN ('PENDING', 'RUNNING');
"""
_LOG = logging.getLogger(__name__)
_ADD = """
INSERT INTO jobs (id, plugin, payload, state, owner, tries, lease, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_END = """
UPDATE jobs SET state = ?, result = ?, error = ?, payload = NULL WHERE id = ? AND state IN ('PENDING', 'RUNNING')
"""
_TRIES = 3
_KEPT = 24 * 3600.0
_QUEUED = 10
_ENDED = ("SUCCESS", "FAILED")


@dataclass(frozen=True)
class Job:
    """A job as it is now: ``state`` is PENDING, RUNNING, SUCCESS or FAILED; ``error`` an envelope or ``{}``."""

    id: str
    plugin: str
    state: str
    result: dict[str, Any]
    error: Envelope

    @property
    def ended(self) -> bool:
        """Whether it has a result or an error."""
        return self.state in _ENDED


class _QuietConsumer(Consumer):  # type: ignore[misc]
    def _set_signal_handlers(self) -> None:
        """The signals are the server's."""


class JobManagementService:
    """Runs jobs through ``plugins``. A claim holds for ``lease`` seconds and is renewed three times in that.

    A job that waits in the queue is thought lost only after ten times as long.
    """

    def __init__(self, store: Database, queue: Huey, plugins: PluginManagementService, lease: float) -> None:
        self._store = store
        self._plugins = plugins
        self._lease = lease
        self._owner = uuid.uuid4().hex
        self._count = itertools.count(1)
        self._task = queue.task(name="run_job")(self._run_queued)
        self._consumer = _QuietConsumer(
            queue, workers=4, periodic=False, max_delay=0.25, check_worker_health=False
        )

    def start(self) -> None:
        """Work off the queue, on the running event loop, until ``stop``."""
        self._loop = asyncio.get_running_loop()
        self._keeper = asyncio.create_task(self._keep())
        self._consumer.start()

    async def stop(self) -> None:
        """Stop; jobs that have not ended are taken up by the next service."""
        self._keeper.cancel()
        await asyncio.to_thread(self._consumer.stop, graceful=True)
        self._store.run("UPDATE jobs SET lease = 0 WHERE owner = ? AND state = 'RUNNING'", self._owner)

    async def run_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """Run a job at once and wait for it: ``(result, error)``, as ``ToolRunner.run`` gives it.

        Its payload is not kept: if this service dies, no one waits for the result any more, and the job fails.
        """
        job_id, now = self._new_id(), time.time()
        self._store.write(_ADD, job_id, plugin_name, None, "RUNNING", self._owner, 1, now + self._lease, now)
        return await self._run(job_id, plugin_name, payload)

    def submit_job(self, plugin_name: str, payload: dict[str, Any]) -> str:
        """Queue a job; returns its id."""
        job_id, now = self._new_id(), time.time()
        lease = now + self._lease * _QUEUED
        self._store.run(_ADD, job_id, plugin_name, json.dumps(payload), "PENDING", None, 0, lease, now)
        self._task(job_id)
        return job_id

    def _new_id(self) -> str:
        return f"{self._owner}{next(self._count):x}"

    def job(self, job_id: str) -> Job | None:
        """The job of that id, if there is one."""
        rows = self._store.run("SELECT * FROM jobs WHERE id = ?", job_id)
        return _job(rows[0]) if rows else None

    def cancel(self, job_id: str) -> Job | None:
        """End the job as FAILED if it has not ended; a run in flight goes on and its result is dropped."""
        job = self.job(job_id)
        if job is not None:
            self._fail(job, "cancelled")
        return self.job(job_id)

    async def _run(
        self, job_id: str, plugin_name: str, payload: dict[str, Any]
    ) -> tuple[dict[str, Any], Envelope]:
        result, error = await self._plugins.run_plugin(plugin_name, payload)
        await self._end(job_id, result, error)
        return result, error

    def _end(self, job_id: str, result: dict[str, Any], error: Envelope) -> asyncio.Future[None]:
        state = "FAILED" if error else "SUCCESS"
        return self._store.write(_END, state, json.dumps(result), json.dumps(error), job_id)

    def _fail(self, job: Job, message: str) -> asyncio.Future[None]:
        return self._end(job.id, {}, build_error_envelope(ExecutionError(message), job.plugin))

    def _run_queued(self, job_id: str) -> None:
        """In a thread of the queue: run the job, and wait for it."""
        asyncio.run_coroutine_threadsafe(self._claim(job_id), self._loop).result()

    async def _claim(self, job_id: str) -> None:
        """Run the job if no one else has claimed it."""
        claimed = self._store.run(
            "UPDATE jobs SET state = 'RUNNING', owner = ?, tries = tries + 1, lease = ?"
            " WHERE id = ? AND (state = 'PENDING' OR (state = 'RUNNING' AND lease < ?)) RETURNING plugin, payload",
            *(self._owner, time.time() + self._lease, job_id, time.time()),
        )
        for row in claimed:
            await self._run(job_id, row["plugin"], json.loads(row["payload"]))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                self.reconcile(time.time())
            except Exception:  # the store may be locked for a while; the next round tries again
                _LOG.exception("the jobs could not be looked after")

    def reconcile(self, now: float) -> None:
        """Renew the leases of this service's jobs, and queue again the jobs whose lease ran out before ``now``.

        A job that has been tried three times, or that a client waited for, fails instead. Jobs that ended a day
        ago are forgotten.
        """
        self._store.run(
            "UPDATE jobs SET lease = ? WHERE owner = ? AND state = 'RUNNING'", now + self._lease, self._owner
        )
        lost = self._store.run(
            "UPDATE jobs SET lease = ? WHERE state IN ('PENDING', 'RUNNING') AND lease < ? RETURNING *",
            now,
            now,
        )
        for row in lost:
            if row["payload"] is None or row["tries"] >= _TRIES:
                self._fail(_job(row), "the service that ran it was lost")
            else:
                self._store.run(
                    "UPDATE jobs SET state = 'PENDING', lease = ? WHERE id = ? AND state IN ('PENDING', 'RUNNING')",
                    *(now + self._lease * _QUEUED, row["id"]),
                )
                self._task(row["id"])
        self._store.run("DELETE FROM jobs WHERE state IN ('SUCCESS', 'FAILED') AND made < ?", now - _KEPT)


def _job(row: Row) -> Job:
    result, error = json.loads(row["result"] or "{}"), json.loads(row["error"] or "{}")
    return Job(row["id"], row["plugin"], row["state"], result, error)
