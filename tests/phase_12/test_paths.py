"""Both ways through the layers, in one process: the routes are called over ASGI, and plugins run where they are called.

The service runs plugins in worker processes, whose stacks begin anew. Here a stand-in for the workers calls the
plugin itself, so that the whole stack from a route to the plugin is there for the cross-check to record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_runtime import app as wiring
from tests.in_process import InProcess, service
from tests.runtime_server import is_error_object, request

NO_IMAGE = {"image": "QUJD", "mime_type": "application/x-unknown"}


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """What every service of the test runs its plugins in."""
    made = InProcess()
    monkeypatch.setattr(wiring, "Workers", lambda *settings: made)
    return made


def asked(data: Path, ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    """What ``ask`` gives of a service of its own."""

    async def within() -> Any:
        async with service(data) as http:
            return await ask(http)

    return asyncio.run(within())


async def analysed(http: httpx.AsyncClient, **changed: str) -> httpx.Response:
    return await http.post("/v1/analyze", json=request("metadata") | changed)


async def queued(http: httpx.AsyncClient, **changed: str) -> httpx.Response:
    accepted = await http.post("/v1/jobs", json=request("metadata") | changed)
    assert accepted.status_code == 202, accepted.text
    for _ in range(200):
        answer = await http.get(f"/v1/jobs/{accepted.json()['id']}")
        if answer.status_code != 409:
            break
        await asyncio.sleep(0.05)
    return answer


@pytest.mark.parametrize("ask", [analysed, queued])
def test_a_request_walks_the_layers_down_to_the_plugin(
    ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]],
    tmp_path: Path,
    workers: InProcess,
) -> None:
    answer = asked(tmp_path, ask)
    assert answer.status_code == 200, answer.text
    assert answer.json()["plugin"] == "metadata"
    assert answer.json()["result"]["format"] == "PNG"


def test_a_run_that_fails_is_answered_and_not_run_again(tmp_path: Path, workers: InProcess) -> None:
    answer = asked(tmp_path, lambda http: analysed(http, **NO_IMAGE))
    assert answer.status_code == 400
    assert is_error_object(answer.json())
    assert workers.calls == ["metadata"]


def test_a_job_that_fails_is_answered_with_its_error_object(tmp_path: Path, workers: InProcess) -> None:
    answer = asked(tmp_path, lambda http: queued(http, **NO_IMAGE))
    assert answer.status_code == 400
    assert is_error_object(answer.json())


def test_a_service_that_was_asked_nothing_has_run_nothing(tmp_path: Path, workers: InProcess) -> None:
    async def listed(http: httpx.AsyncClient) -> httpx.Response:
        await asyncio.sleep(0)  # counts are written at the end of a turn
        return await http.get("/v1/plugins")

    plugins = asked(tmp_path, listed).json()
    assert {each["name"] for each in plugins} >= {"metadata", "perceptual-hash", "statistics"}
    assert {(each["state"], each["success_count"], each["error_count"]) for each in plugins} == {
        ("LOADED", 0, 0)
    }
    assert workers.calls == []
