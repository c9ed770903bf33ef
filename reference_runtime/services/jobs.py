"""Jobs: each is run by whoever claims it in the database; all runs wait for a free worker here, before all else.

A claim is a lease, renewed while the job runs; when it has run out, the job is run again, three tries in all. Times are
those of a clock in the database that services move on by their monotonic ones: no step of a machine's clock matters.
"""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from asgi_correlation_id import correlation_id
from sqlalchemy.exc import SQLAlchemyError

from reference_runtime.database import Database
from reference_runtime.errors import Envelope, ExecutionError, build_error_envelope
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings

_TICK = "UPDATE clock SET now = CASE WHEN now < :now THEN :now ELSE now END RETURNING now"
_LEASE = "(SELECT now FROM clock) + :lease"  # counted from when it is written, however long that took
_ADD = """INSERT INTO jobs (id, plugin, payload, size, request_id, state, tries, made)
SELECT :id, :plugin, :payload, :size, :request_id, 'PENDING', 0, :now
FROM (SELECT count(*) AS jobs, coalesce(sum(size), 0) AS bytes FROM jobs WHERE state = 'PENDING') AS waiting
WHERE jobs < :most_jobs AND bytes + :size <= :most_bytes RETURNING id"""
_CLAIM = f"""UPDATE jobs SET state = 'RUNNING', owner = :owner, lease = {_LEASE}, tries = tries + 1
WHERE id = (SELECT id FROM jobs WHERE state = 'PENDING' ORDER BY made, id LIMIT 1 {{lock}})
RETURNING id, plugin, payload, request_id"""
_MINE = "WHERE id = :id AND owner = :owner AND state = 'RUNNING'"
_RENEW = f"UPDATE jobs SET lease = {_LEASE} {_MINE}"
_RETURN = f"UPDATE jobs SET state = 'PENDING', tries = tries - 1 {_MINE}"
_END = "UPDATE jobs SET state = :state, result = :result, error = :error, ended = :now, payload = NULL "
_LOST = "WHERE state = 'RUNNING' AND lease < (SELECT now FROM clock)"
_AGAIN = f"UPDATE jobs SET state = 'PENDING' {_LOST} AND tries < 3"
_DROP = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended < :then LIMIT 1000)"
_BEAT = 0.5


class JobManagementService:
    """Runs jobs through ``plugins``, ``settings.workers`` at a time. ``clock`` must be monotonic."""

    def __init__(
        self,
        plugins: PluginManagementService,
        database: Database,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plugins, self._database, self._settings, self._clock = plugins, database, settings, clock
        self._ahead, self._owner = -clock(), uuid.uuid4().hex
        self._claim = _CLAIM.format(lock="FOR UPDATE SKIP LOCKED" if database.is_shared else "")
        self._slots, self._waiting = asyncio.Semaphore(settings.workers), 0
        self._mine: set[str] = set()  # the jobs claimed here whose end is not written
        self._tasks: list[asyncio.Task[None]] = []
        self._woken, self._is_stopping = asyncio.Event(), False

    async def run_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """Run a job that is not kept, and wait for it: ``(result, error)``, as ``ToolRunner.run`` gives it."""
        if reason := self.refusal():
            return {}, _failure(reason, plugin_name)
        task = cast("asyncio.Task[None]", asyncio.current_task())
        late = asyncio.get_running_loop().call_later(self._settings.wait_limit, task.cancel)
        self._waiting += 1
        try:
            await self._slots.acquire()
        except asyncio.CancelledError:  # by that, or by a shutdown
            return {}, _failure("no worker became free; try again later", plugin_name)
        finally:
            late.cancel()
            self._waiting -= 1
        try:
            return await self._plugins.run_plugin(plugin_name, payload)
        finally:
            self._slots.release()

    def refusal(self) -> str:
        """Why no call may wait for a worker now; empty if it may."""
        if self._is_stopping:
            return "the service is shutting down"
        is_full = self._waiting >= self._settings.most_waiting
        return "too many runs are waiting; try again later" if is_full else ""

    async def submit_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[str, Envelope]:
        """Queue a job: its id, or why it is not queued."""
        job_id, text = str(uuid.uuid4()), json.dumps(payload)
        job: dict[str, Any] = {"id": job_id, "plugin": plugin_name, "payload": text, "size": len(text)}
        job |= {"request_id": correlation_id.get(), "now": self._now()}
        job |= {"most_jobs": self._settings.most_jobs, "most_bytes": self._settings.most_jobs_mib << 20}
        try:
            if not await self._database.run((_ADD, job)):
                return "", _failure("too many jobs are waiting; try again later", plugin_name)
        except SQLAlchemyError:
            return "", _failure("the job could not be stored", plugin_name)
        self._woken.set()
        return job_id, {}

    async def job(self, job_id: str) -> dict[str, Any] | None:
        """The job, if there is one; its ``error`` is an envelope for the client, or ``{}``."""
        for row in await self._database.run(("SELECT * FROM jobs WHERE id = :id", {"id": job_id})):
            error = {"error": json.loads(row.error) | {"plugin": row.plugin}} if row.error else {}
            return {**row._mapping, "result": json.loads(row.result or "{}"), "error": error}
        return None

    async def cancel(self, job_id: str) -> dict[str, Any] | None:
        """End the job as FAILED if it has not ended; a run in flight goes on and its result is dropped."""
        ending = self._ending({}, _failure("cancelled")) | {"id": job_id}
        await self._database.run((f"{_END} WHERE id = :id AND ended IS NULL", ending))
        return await self.job(job_id)

    def _ending(self, result: dict[str, Any], error: Envelope) -> dict[str, Any]:
        """What is kept of an end: of an envelope only what may leave the process."""
        return {
            "state": "FAILED" if error else "SUCCESS",
            "result": None if error else json.dumps(result),
            "error": json.dumps(error["error"]) if error else None,
            "now": self._now(),
        }

    async def _work_off(self) -> None:
        """Claim what waits and run it, one after the other, as workers become free."""
        while not self._is_stopping:
            rows: Any = ()
            async with self._slots:
                with suppress(SQLAlchemyError):  # it is tried again with the next beat
                    rows = await self._database.run((self._claim, self._lease()))
                for row in rows:
                    correlation_id.set(f"{row.request_id or '-'} {row.id}")
                    self._mine.add(row.id)
                    result, error = await self._plugins.run_plugin(row.plugin, json.loads(row.payload))
                    ending = self._ending(result, error) | {"id": row.id, "owner": self._owner}
            if rows:
                await self._write(ending)
            else:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _BEAT)
                self._woken.clear()

    async def _write(self, ending: dict[str, Any]) -> None:
        """Write how a job has ended, as soon as the database takes it."""
        while True:
            with suppress(SQLAlchemyError):
                await self._database.run((_END + _MINE, ending))
                self._mine.remove(ending["id"])
                return
            await asyncio.sleep(_BEAT)

    def start(self) -> None:
        """Work off the jobs, until ``stop``."""
        work = [self._work_off() for _ in range(self._settings.workers)]
        self._tasks = [asyncio.create_task(each) for each in (self._keep(), *work)]

    async def _keep(self) -> None:
        while True:
            try:
                await self.reconcile()
            except SQLAlchemyError as error:
                logging.warning("the jobs could not be looked after: %s", type(error).__name__)
            await asyncio.sleep(min(_BEAT, self._settings.lease / 4))

    def _now(self) -> float:
        return self._clock() + self._ahead

    def _lease(self) -> dict[str, Any]:
        return {"owner": self._owner, "lease": self._settings.lease}

    async def reconcile(self) -> None:
        """Move the clock on, renew the leases of what runs here, take back what others have lost, drop what is old."""
        mine, renewed = self._now(), [{"id": job_id} | self._lease() for job_id in self._mine]
        (tick,) = await self._database.run(
            (_TICK, {"now": mine}),
            *([(_RENEW, renewed)] if renewed else []),
            (_AGAIN, {}),
            (_END + _LOST, self._ending({}, _failure("the service that ran it was lost"))),
        )
        self._ahead += tick.now - mine
        await self._database.run((_DROP, {"then": self._now() - self._settings.keep_jobs}))

    async def stop(self, seconds: float) -> None:
        """Stop; what has not ended in ``seconds`` is left to the next service."""
        self._is_stopping = True
        self._woken.set()
        if self._tasks:  # the leases of what still runs are renewed as before
            await asyncio.wait(self._tasks[1:], timeout=max(0.0, seconds))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(SQLAlchemyError):  # else their leases will run out
            for job_id in self._mine:
                await self._database.run((_RETURN, {"id": job_id, "owner": self._owner}))


def _failure(message: str, plugin_name: str = "") -> Envelope:
    return build_error_envelope(ExecutionError(message), plugin_name)
