"""The only wiring."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI, HTTPException

from reference_runtime.api import FAILURES, Failure, routes
from reference_runtime.database import Database
from reference_runtime.errors import PLUGIN_NAME, ExecutionError, PluginError, text_of
from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService
from reference_runtime.services.jobs import JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings
from reference_runtime.tool_runner import ToolRunner

_BEAT = 0.5  # seconds


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
    asking = asyncio.Lock()

    async def ready() -> dict[str, str]:
        """Whether analyses and jobs can be served; 503 says why not."""
        try:
            async with asking:  # who asks at the same time starts no crowd of processes
                await database.run(("write nothing", {}))
                await workers.call(dict, {}, "readiness")
                jobs.admit()
        except (ExecutionError, PluginError) as error:
            raise HTTPException(503, text_of(error)) from error
        return {"status": "ok"}

    async def keep() -> None:
        while True:
            await registry.write()
            await jobs.reconcile()
            await asyncio.sleep(_BEAT)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        with suppress(RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(registry.load()))
        await registry.load()
        await registry.write()
        analysis.start()
        keeping = loop.create_task(keep())
        try:
            yield
        finally:
            await analysis.stop(getattr(app.state, "ends_at", monotonic() + settings.drain_seconds) - monotonic())
            keeping.cancel()
            await registry.write()
            await workers.close()
            database.close()

    # Without FastAPI's own pages, which fetch scripts from another site.
    app = FastAPI(title="Governed image analysis", lifespan=lifespan, exception_handlers=FAILURES, openapi_url=None)
    app.add_middleware(CorrelationIdMiddleware, validator=lambda given: bool(PLUGIN_NAME.fullmatch(given)))
    names = {settings.host, "127.0.0.1", "localhost", "[::1]", *settings.allow_hosts.split(",")} - {""}
    router = routes(analysis, registry, names, settings.most_waiting_mib << 20)
    router.get("/openapi.json", include_in_schema=False)(app.openapi)
    router.get("/readyz", response_model=dict[str, str], responses={503: {"model": Failure}})(ready)
    app.include_router(router)
    return app
