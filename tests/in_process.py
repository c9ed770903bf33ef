"""The service in the process of the test: routes over ASGI, and stand-ins for the workers, which run no process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from reference_runtime import app as wiring
from reference_runtime.isolation import Workers
from reference_runtime.settings import Settings


class InProcess(Workers):
    """Calls the plugin at once."""

    def __init__(self, *settings: object) -> None:
        self.calls: list[str] = []

    async def start(self) -> None:
        """There is nothing to start."""

    async def close(self) -> None:
        """There is nothing to stop."""

    async def call(
        self, function: Callable[[dict[str, Any]], object], payload: dict[str, Any], plugin_name: str
    ) -> Any:
        self.calls.append(plugin_name)
        return function(payload)


class Answering(InProcess):
    """Calls no plugin: gives back ``answer``, or raises it if it is an exception."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    async def call(
        self, function: Callable[[dict[str, Any]], object], payload: dict[str, Any], plugin_name: str
    ) -> Any:
        self.calls.append(plugin_name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@asynccontextmanager
async def service(data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service as ``create_app`` makes it, with its queue and its consumer, and a client of its routes."""
    app = wiring.create_app(Settings(data))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as http,
    ):
        yield http
