"""The only wiring."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from time import monotonic

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware

from reference_runtime.api import FAILURES, Bodies, add_routes
from reference_runtime.database import Database
from reference_runtime.errors import PLUGIN_NAME, ExecutionError, PluginError
from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.server import gate
from reference_runtime.services.analysis import AnalysisService
from reference_runtime.services.jobs import JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings
from reference_runtime.tool_runner import ToolRunner


def create_app(settings: Settings) -> FastAPI:
    """The service. Raises ``OSError`` or ``SQLAlchemyError`` if its data cannot be opened."""
    folder = settings.data / "plugins"
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database or f"sqlite:///{settings.data / 'runtime.db'}")
    workers = Workers(settings.time_limit, settings.memory_limit << 20, settings.runs_per_worker)
    registry = PluginRegistry(database, workers, folder)
    runner = ToolRunner(registry, workers)
    plugins = PluginManagementService(runner)
    jobs = JobManagementService(plugins, database, settings)
    analysis = AnalysisService(jobs)
    asking: list[asyncio.Task[str]] = []

    async def ask() -> str:
        try:
            await database.run(("UPDATE clock SET now = now", {}))
            await workers.call(dict, {}, "readiness")
        except SQLAlchemyError:
            return "the database cannot be written"
        except (ExecutionError, PluginError) as error:
            return str(error)
        return jobs.refusal()

    async def unready() -> str:
        if not asking or asking[0].done():  # who asks at the same time is told the same
            asking[:] = [asyncio.create_task(ask())]
        return await asyncio.shield(asking[0])

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        try:
            await registry.load()
            analysis.start()
            with suppress(RuntimeError, ValueError):  # not in the main thread
                loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(registry.load()))
            yield
        finally:
            ends_at = getattr(app.state, "ends_at", monotonic() + settings.drain_seconds)
            await analysis.stop(ends_at - monotonic())
            await registry.write()
            await workers.close()
            database.close()

    names = {settings.host, "127.0.0.1", "localhost", "::1", *settings.allow_hosts.split(",")} - {""}
    identify = Middleware(
        CorrelationIdMiddleware,
        validator=lambda given: bool(PLUGIN_NAME.fullmatch(given)),
        generator=lambda: token_hex(16),
    )
    app = FastAPI(
        title="Governed image analysis",
        lifespan=lifespan,
        exception_handlers=FAILURES,
        middleware=[identify, Middleware(gate, names=names)],
        docs_url=None,  # its page would fetch scripts from another site
        redoc_url=None,
    )
    add_routes(app, analysis, registry, Bodies(settings.most_waiting_mib << 20), unready)
    return app
