"""Both ways through the layers, in one process: the routes are called over ASGI, and plugins run where they are called.

The service runs plugins in worker processes, whose stacks begin anew. Here a stand-in for the workers calls the
plugin itself, so that the whole stack from a route to the plugin is there for the cross-check to record.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_runtime import app as wiring
from reference_runtime.settings import Settings
from tests.runtime_server import request


class InProcess:
    """Stands in for ``Workers``: calls the plugin at once."""

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


async def analysed(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.post("/v1/analyze", json=request("metadata"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def queued(http: httpx.AsyncClient) -> dict[str, Any]:
    accepted = await http.post("/v1/jobs", json=request("metadata"))
    assert accepted.status_code == 202, accepted.text
    for _ in range(200):
        answer = await http.get(f"/v1/jobs/{accepted.json()['id']}")
        if answer.status_code != 409:
            break
        await asyncio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("ask", [analysed, queued])
def test_a_request_walks_the_layers_down_to_the_plugin(
    ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wiring, "Workers", InProcess)

    async def asked() -> dict[str, Any]:
        async with service(tmp_path) as http:
            return await ask(http)

    answer = asyncio.run(asked())
    assert answer["plugin"] == "metadata"
    assert answer["result"]["format"] == "PNG"
