"""The service in the process of the test: routes over ASGI, and stand-ins for the workers, which run no process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import httpx

from reference_runtime import app as wiring
from reference_runtime.database import Database
from reference_runtime.isolation import Function, Workers
from reference_runtime.settings import Settings
from tests.runtime_server import request


class InProcess(Workers):
    """Calls the plugin at once, as a worker would get it."""

    def __init__(self, *settings: object) -> None:
        self.calls: list[str] = []
        self._workers = []

    def retire(self) -> None:
        """There is nothing to retire."""

    async def close(self) -> None:
        """There is nothing to stop."""

    async def call(
        self, function: Function, payload: dict[str, Any], plugin_name: str, tries: int = 0
    ) -> Any:
        if plugin_name.startswith("? ") or plugin_name == "readiness":
            return function(payload)
        self.calls.append(plugin_name)
        return self.run_plugin(function, payload)

    def run_plugin(self, function: Function, payload: dict[str, Any]) -> Any:
        loaded: Function = ForkingPickler.loads(ForkingPickler.dumps(function))
        return loaded(payload)


class Answering(InProcess):
    """Calls no plugin: gives back ``answer``, or raises it if it is an exception."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    def run_plugin(self, function: Function, payload: dict[str, Any]) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """A database as the service makes it."""
    opened = Database(f"sqlite:///{folder / 'runtime.db'}")
    try:
        yield opened
    finally:
        opened.close()


@asynccontextmanager
async def service(data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service as ``create_app`` makes it, with its queue and its consumer, and a client of its routes."""
    app = wiring.create_app(Settings(data=data))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield http


def asked(data: Path, ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    """What ``ask`` gives of a service of its own."""

    async def within() -> Any:
        async with service(data) as http:
            return await ask(http)

    return asyncio.run(within())


async def analysed(http: httpx.AsyncClient, **changed: str) -> httpx.Response:
    """What a request for an analysis is answered."""
    return await http.post("/v1/analyze", json=request("metadata") | changed)


async def queued(http: httpx.AsyncClient, **changed: str) -> httpx.Response:
    """What a job is answered once it has ended."""
    accepted = await http.post("/v1/jobs", json=request("metadata") | changed)
    assert accepted.status_code == 202, accepted.text
    for _ in range(200):
        answer = await http.get(f"/v1/jobs/{accepted.json()['id']}")
        if answer.status_code != 409:
            break
        await asyncio.sleep(0.05)
    return answer
