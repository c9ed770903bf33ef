"""Jobs: each is run by whoever claims it in the database; all runs wait for a free worker here, before all else.

A claim is a lease, renewed while its owner runs the job; a job whose lease has run out is run again, three tries in
all. So a job survives the death of its service. Time is the database's own clock, which services move on by what their
monotonic clocks say: no step of a machine's clock loses or repeats a job.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import Row, Text, Update, case, delete, func, insert, literal, literal_column, select, update

from reference_runtime.database import CLOCK, JOBS, Database, SQLAlchemyError
from reference_runtime.errors import Envelope, ExecutionError, build_error_envelope
from reference_runtime.logs import JOB_ID, REQUEST_ID
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings

_LOG = logging.getLogger(__name__)
_TRIES, _SLICE, _MOST_BEAT = 3, 5000, 0.5
_PENDING, _RUNNING = (JOBS.c.state == literal_column(f"'{state}'") for state in ("PENDING", "RUNNING"))
_NEXT = (
    select(JOBS.c.number).where(_PENDING).order_by(JOBS.c.number).limit(1).with_for_update(skip_locked=True)
)


class Job(NamedTuple):
    """A job as it is now: PENDING, RUNNING, SUCCESS or FAILED; ``error`` is an envelope for the client, or ``{}``."""

    id: str
    plugin: str
    state: str
    result: dict[str, Any]
    error: Envelope


class JobManagementService:
    """Runs jobs through ``plugins``, ``settings.workers`` at a time. ``clock`` must be monotonic."""

    def __init__(
        self,
        plugins: PluginManagementService,
        database: Database,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plugins = plugins
        self._database = database
        self._settings = settings
        self._clock = clock
        self._ahead = -clock()
        self._owner = uuid.uuid4().hex
        self._slots = asyncio.Semaphore(settings.workers)
        self._waiting = self._bytes = 0
        self._claimed: dict[str, asyncio.Task[None]] = {}
        self._owed: dict[str, Update] = {}
        self._worker: asyncio.Task[None] | None = None
        self._is_woken = self._is_stopping = False

    async def run_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """Run a job and wait for it: ``(result, error)``, as ``ToolRunner.run`` gives it.

        It is not kept: if this service dies, nobody waits for its result any more.
        """
        size = len(payload["image"]) if isinstance(payload["image"], (str, bytes)) else 0
        reason = self.refusal(size)
        if reason:
            return {}, build_error_envelope(ExecutionError(reason), plugin_name)
        self._waiting += 1
        self._bytes += size
        try:
            await asyncio.wait_for(self._slots.acquire(), self._settings.wait_limit)
        except asyncio.TimeoutError:
            return {}, build_error_envelope(
                ExecutionError("no worker became free; try again later"), plugin_name
            )
        finally:
            self._waiting -= 1
            self._bytes -= size
        try:
            return await self._plugins.run_plugin(plugin_name, payload)
        finally:
            self._slots.release()

    def refusal(self, size: int = 0) -> str:
        """Why no call with an image of ``size`` may wait for a worker now; empty if it may."""
        if self._is_stopping:
            return "the service is shutting down"
        many = self._waiting >= self._settings.most_waiting
        much = self._bytes + size > self._settings.most_waiting_mib << 20
        return "too many runs are waiting; try again later" if many or much else ""

    async def submit_job(self, plugin_name: str, payload: dict[str, Any]) -> tuple[str, Envelope]:
        """Queue a job: its id, or why it is not queued."""
        job_id, text = str(uuid.uuid4()), json.dumps(payload)
        waiting = select(func.count().label("jobs"), func.coalesce(func.sum(JOBS.c.size), 0).label("bytes"))
        there = waiting.where(_PENDING).subquery()
        values = {"id": job_id, "plugin": plugin_name, "state": "PENDING", "payload": text}
        row = select(
            *(literal(each, Text) for each in (*values.values(), REQUEST_ID.get())), literal(len(text))
        )
        row = row.where(there.c.jobs < self._settings.most_jobs)
        row = row.where(there.c.bytes + len(text) <= self._settings.most_jobs_mib << 20)
        try:
            statement = insert(JOBS).from_select([*values, "request_id", "size"], row).returning(JOBS.c.id)
            reason = (
                "" if await self._database.run(statement) else "too many jobs are waiting; try again later"
            )
        except SQLAlchemyError:
            reason = "the job could not be stored"
        if reason:
            return "", build_error_envelope(ExecutionError(reason), plugin_name)
        self._wake()
        return job_id, {}

    async def job(self, job_id: str) -> Job | None:
        """The job of that id, if there is one."""
        columns = (JOBS.c.id, JOBS.c.plugin, JOBS.c.state, JOBS.c.result, JOBS.c.error)
        for row in await self._database.run(select(*columns).where(JOBS.c.id == job_id)):
            error = {"error": json.loads(row.error) | {"plugin": row.plugin}} if row.error else {}
            return Job(row.id, row.plugin, row.state, json.loads(row.result or "{}"), error)
        return None

    async def cancel(self, job_id: str) -> Job | None:
        """End the job as FAILED if it has not ended; a run in flight goes on and its result is dropped."""
        await self._database.run(
            self._ending({}, _failure("cancelled")).where(JOBS.c.id == job_id, JOBS.c.ended.is_(None))
        )
        return await self.job(job_id)

    def _ending(self, result: dict[str, Any], error: Envelope) -> Update:
        said = {"error": json.dumps(error["error"])} if error else {"result": json.dumps(result)}
        state = "FAILED" if error else "SUCCESS"
        return update(JOBS).values(state=state, ended=self._now(), payload=None, owner=None, **said)

    def _wake(self) -> None:
        """There may be something to claim."""
        self._is_woken = True
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work_off())

    async def _work_off(self) -> None:
        """Claim what waits and run it, as workers become free, until nothing waits."""
        while True:
            await self._slots.acquire()
            self._is_woken = False
            row = None if self._is_stopping else await self._claim()
            if row is not None:
                self._claimed[row.id] = asyncio.create_task(self._run_claimed(row))
                continue
            self._slots.release()
            if self._is_stopping or not self._is_woken:
                return

    async def _claim(self) -> Row[Any] | None:
        lease = self._now() + self._settings.lease
        mine = {"state": "RUNNING", "owner": self._owner, "lease": lease, "tries": JOBS.c.tries + 1}
        claim = update(JOBS).where(JOBS.c.number == _NEXT.scalar_subquery()).values(mine)
        try:
            rows = await self._database.run(
                claim.returning(JOBS.c.id, JOBS.c.plugin, JOBS.c.payload, JOBS.c.request_id)
            )
        except SQLAlchemyError as error:
            _LOG.warning("no job could be claimed: %s", type(error).__name__)
            return None
        return rows[0] if rows else None

    async def _run_claimed(self, row: Row[Any]) -> None:
        JOB_ID.set(row.id)
        REQUEST_ID.set(row.request_id)
        try:
            result, error = await self._plugins.run_plugin(row.plugin, json.loads(row.payload))
            mine = (JOBS.c.id == row.id, JOBS.c.owner == self._owner, _RUNNING)
            self._owed[row.id] = self._ending(result, error).where(*mine)
            await self._write_ends()
        finally:
            self._slots.release()
            del self._claimed[row.id]

    async def _write_ends(self) -> None:
        """Write how jobs have ended; what the database does not take is tried again with the next beat."""
        with suppress(SQLAlchemyError):
            for job_id, ending in [*self._owed.items()]:
                await self._database.run(ending)
                self._owed.pop(job_id, None)

    def start(self) -> None:
        """Work off the jobs, until ``stop``."""
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            try:
                await self.reconcile()
            except SQLAlchemyError as error:
                _LOG.warning("the jobs could not be looked after: %s", type(error).__name__)
            self._wake()
            await asyncio.sleep(min(_MOST_BEAT, self._settings.lease / 4))

    def _now(self) -> float:
        return self._clock() + self._ahead

    async def reconcile(self) -> None:
        """Move the clock on, renew the leases of this service's jobs, take those that others have lost, drop the old."""
        mine = self._now()
        later = case((CLOCK.c.now > mine, CLOCK.c.now), else_=mine)
        (row,) = await self._database.run(update(CLOCK).values(now=later).returning(CLOCK.c.now))
        self._ahead += row.now - mine
        await self._write_ends()
        lease = self._now() + self._settings.lease
        held = JOBS.c.id.in_([*self._claimed, *self._owed])
        await self._database.run(
            update(JOBS).where(held, JOBS.c.owner == self._owner, _RUNNING).values(lease=lease)
        )
        lost = (_RUNNING, JOBS.c.lease < self._now())
        again = update(JOBS).where(*lost, JOBS.c.tries < _TRIES).values(state="PENDING", owner=None)
        await self._database.run(again)
        await self._database.run(self._ending({}, _failure("the service that ran it was lost")).where(*lost))
        old = select(JOBS.c.number).where(JOBS.c.ended < self._now() - self._settings.keep_jobs).limit(_SLICE)
        await self._database.run(delete(JOBS).where(JOBS.c.number.in_(old)))

    async def stop(self, seconds: float) -> None:
        """Stop; what has not ended in ``seconds`` is left to the next service."""
        self._is_stopping = True
        self._keeper.cancel()
        running = dict(self._claimed)
        if running:
            await asyncio.wait(running.values(), timeout=seconds)
        for task in running.values():
            task.cancel()
        await asyncio.gather(self._keeper, *running.values(), return_exceptions=True)
        if self._worker is not None:
            await self._worker
        await self._write_ends()
        left = (JOBS.c.id.in_([*running]), JOBS.c.owner == self._owner, _RUNNING)
        again = update(JOBS).where(*left).values(state="PENDING", owner=None, tries=JOBS.c.tries - 1)
        with suppress(SQLAlchemyError):
            await self._database.run(again)


def _failure(message: str) -> Envelope:
    return build_error_envelope(ExecutionError(message), "")
