"""The only wiring."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from huey import RedisHuey, SqliteHuey
from huey.api import Huey

from reference_runtime.api import FAILURES, add_routes
from reference_runtime.database import Database
from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService
from reference_runtime.services.jobs import SCHEMA, JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings
from reference_runtime.tool_runner import ToolRunner


def create_app(settings: Settings) -> FastAPI:
    """The service. Raises ``OSError`` or ``sqlite3.Error`` if its data cannot be opened."""
    settings.plugins.mkdir(parents=True, exist_ok=True)
    registry = PluginRegistry(settings.data / "metrics.db", settings.plugins)
    workers = Workers(
        settings.plugins, settings.workers, settings.time_limit, settings.memory_limit, settings.most_waiting
    )
    store = Database(settings.jobs, SCHEMA, patience=5.0, wal=settings.shared_jobs is None)
    runner = ToolRunner(registry, workers)
    plugins = PluginManagementService(runner)
    jobs = JobManagementService(store, _queue(settings), plugins, settings.lease)
    analysis = AnalysisService(jobs)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await workers.start()
        analysis.start()
        with suppress(RuntimeError, ValueError):  # not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, registry.load)
        try:
            yield
        finally:
            await analysis.stop()
            await workers.close()
            store.close()
            registry.close()

    app = FastAPI(
        title="Governed image analysis", version="1", lifespan=lifespan, exception_handlers=FAILURES
    )
    add_routes(app, analysis, registry, settings.most_body)
    return app


def _queue(settings: Settings) -> Huey:
    if settings.queue:
        return RedisHuey("phase12", url=settings.queue, results=False)
    return SqliteHuey("phase12", filename=str(settings.data / "queue.db"), results=False)
