"""What the routes answer where nothing was asked, or where a run fails: over ASGI, in the process of the test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_runtime import app as wiring
from reference_runtime.isolation import Function
from tests.in_process import InProcess, analysed, asked, queued
from tests.runtime_server import is_error_object

NO_IMAGE = {"image": "QUJD", "mime_type": "application/x-unknown"}


def test_a_run_that_fails_is_answered_and_not_run_again(tmp_path: Path, workers: InProcess) -> None:
    answer = asked(tmp_path, lambda http: analysed(http, **NO_IMAGE))
    assert answer.status_code == 400
    assert is_error_object(answer.json())
    assert workers.calls == ["metadata"]


def test_a_job_that_fails_is_answered_with_its_error_object(tmp_path: Path, workers: InProcess) -> None:
    answer = asked(tmp_path, lambda http: queued(http, **NO_IMAGE))
    assert answer.status_code == 400
    assert is_error_object(answer.json())


def test_nothing_waits_for_ever_for_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(InProcess):
        async def call(
            self, function: Function, payload: dict[str, Any], plugin_name: str, tries: int = 0
        ) -> Any:
            await asyncio.sleep(plugin_name == "metadata")
            return await super().call(function, payload, plugin_name, tries)

    async def both(http: httpx.AsyncClient) -> list[Any]:
        answers = await asyncio.gather(analysed(http), analysed(http, plugin="statistics"))
        return [each.json() for each in answers] + [(await http.get("/v1/plugins/statistics/health")).json()]

    monkeypatch.setattr(wiring, "Workers", Slow)
    for name, value in (("WAIT_LIMIT", "0.3"), ("WORKERS", "1")):
        monkeypatch.setenv(f"PHASE12_{name}", value)
    slow, late, health = asked(tmp_path, both)
    assert slow["result"]["format"] == "PNG"
    assert late["detail"]["message"] == "no worker became free; try again later"
    assert (health["success_count"], health["error_count"]) == (0, 0)


def test_a_service_that_was_asked_nothing_has_run_nothing(tmp_path: Path, workers: InProcess) -> None:
    async def listed(http: httpx.AsyncClient) -> httpx.Response:
        await asyncio.sleep(0.7)  # counts are written a little later
        return await http.get("/v1/plugins")

    plugins = asked(tmp_path, listed).json()
    assert {each["name"] for each in plugins} >= {"metadata", "perceptual-hash", "statistics"}
    assert {(each["state"], each["success_count"], each["error_count"]) for each in plugins} == {
        ("LOADED", 0, 0)
    }
    assert workers.calls == []
