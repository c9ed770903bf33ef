"""Jobs: each is run by whoever claims it in the database; all runs wait for a free worker here, before all else.

A claim is a lease, renewed while the job runs; when it has run out, the job is run again, three tries in all. Times are
those of a clock in the database that services move on by their monotonic ones: no step of a machine's clock matters.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast
from uuid import UUID, uuid4

from asgi_correlation_id import correlation_id

from reference_runtime.database import Database
from reference_runtime.errors import Envelope, ExecutionError, NotFound, build_error_envelope
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings

_BEAT = 0.5  # seconds after which the database is asked again


class JobManagementService:
    """Runs jobs through ``plugins``, ``settings.workers`` at a time."""

    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, plugins: PluginManagementService, database: Database, settings: Settings) -> None:
        self._plugins, self._database, self._settings = plugins, database, settings
        self._ahead, self._owner = -self.clock(), {"owner": uuid4().hex, "lease": settings.lease}
        self._slots, self._waiting = asyncio.Semaphore(settings.workers), 0
        self._mine: set[str] = set()  # the jobs claimed here whose end is not written
        self._tasks: list[asyncio.Task[None]] = []
        self._is_stopping = False

    def admit(self) -> None:
        """Raises ``ExecutionError`` if no call may wait for a worker now."""
        if self._is_stopping:
            raise ExecutionError("the service is shutting down")
        if self._waiting >= self._settings.most_waiting:
            raise ExecutionError("too many runs are waiting; try again later")

    async def run_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """The end of a job that is not kept, as a pair; raises ``ExecutionError`` if its turn does not come."""
        self.admit()
        self._waiting += 1
        task = cast("asyncio.Task[None]", asyncio.current_task())
        late = asyncio.get_running_loop().call_later(self._settings.wait_limit, task.cancel)
        try:
            await self._slots.acquire()
        except asyncio.CancelledError:  # by that, or by a shutdown
            raise ExecutionError("no worker became free; try again later") from None
        finally:
            late.cancel()
            self._waiting -= 1
        try:
            return await self._plugins.run_plugin(plugin_name, payload)
        finally:
            self._slots.release()

    async def submit_job(self, plugin_name: str, payload: dict[str, Any]) -> str:
        """Queue a job and give its id; raises ``ExecutionError`` if it cannot be queued."""
        job_id, text = str(uuid4()), json.dumps(payload)
        job = {"id": job_id, "plugin": plugin_name, "payload": text, "size": len(text)}
        job |= {"request_id": correlation_id.get(), "most_jobs": self._settings.most_jobs}
        if not await self._database.run(("add job", job | {"most_bytes": self._settings.most_jobs_mib << 20})):
            raise ExecutionError("too many jobs are waiting; try again later")
        return job_id

    async def job(self, job_id: UUID) -> dict[str, Any]:
        """The job; its ``error`` is an envelope for the client, or ``{}``. Raises ``NotFound``."""
        for row in await self._database.run(("job", {"id": str(job_id)})):
            error = {"error": json.loads(row.error) | {"plugin": row.plugin}} if row.error else {}
            return {**row._mapping, "result": json.loads(row.result or "{}"), "error": error}
        raise NotFound("there is no such job")

    async def cancel(self, job_id: UUID) -> dict[str, Any]:
        """End a job as FAILED, unless it has ended already; a run in flight goes on and its result is dropped."""
        await self._database.run(("cancel job", _failed("cancelled") | {"id": str(job_id)}))
        return await self.job(job_id)

    async def _work_off(self) -> None:
        """Claim what waits and run it, one after the other, as workers become free."""
        while not self._is_stopping:
            rows: Any = ()
            async with self._slots:
                pass  # one is free; it is not held while the database is asked, which may take long
            with suppress(ExecutionError):  # it is tried again with the next beat
                rows = await self._database.run(("claim a job", self._owner))
            for row in rows:
                self._mine.add(row.id)
                correlation_id.set(f"{row.request_id or '-'} {row.id}")
                async with self._slots:
                    result, error = await self._plugins.run_plugin(row.plugin, json.loads(row.payload))
                await self._write(row.id, _ending(result, error))
            if not rows:
                await asyncio.sleep(_BEAT)

    async def _write(self, job_id: str, ending: dict[str, Any]) -> None:
        """Write how a job has ended, as soon as the database takes it."""
        while True:
            with suppress(ExecutionError):
                await self._database.run(("end job", ending | {"id": job_id} | self._owner))
                self._mine.remove(job_id)
                return
            await asyncio.sleep(_BEAT)

    def start(self) -> None:
        """Work off the jobs, until ``stop``."""
        self._tasks = [asyncio.create_task(self._work_off()) for _ in range(self._settings.workers)]

    async def reconcile(self) -> None:
        """Move the clock on, renew the leases of what runs here, take back what others have lost, drop what is old."""
        now = self.clock() + self._ahead
        try:
            (clock,) = await self._database.run(
                ("move clock on", {"now": now}),
                ("renew lease", [{"id": job_id} | self._owner for job_id in self._mine]),
                ("run lost jobs again", {}),
                ("end lost jobs", _failed("the service that ran it was lost")),
                ("drop old jobs", {"keep": self._settings.keep_jobs}),
                ("clock", {}),
            )
            self._ahead += clock.now - now
        except ExecutionError as error:
            logging.warning("the jobs could not be looked after: %s", error)

    async def stop(self, seconds: float) -> None:
        """Stop; what has not ended in ``seconds`` is left to the next service."""
        self._is_stopping = True
        await asyncio.wait(self._tasks, timeout=max(0.0, seconds))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        mine = [{"id": job_id} | self._owner for job_id in self._mine]
        with suppress(ExecutionError):  # else their leases will run out
            await self._database.run(("give job back", mine), ("clock", {}))


def _failed(message: str) -> dict[str, Any]:
    return _ending({}, build_error_envelope(ExecutionError(message), ""))


def _ending(result: dict[str, Any], error: Envelope) -> dict[str, Any]:
    """What is kept of an end: of an envelope only what may leave the process."""
    if error:
        return {"state": "FAILED", "result": None, "error": json.dumps(error["error"])}
    return {"state": "SUCCESS", "result": json.dumps(result), "error": None}
