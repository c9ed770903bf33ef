"""What the routes answer where nothing was asked, or where a run fails: over ASGI, in the process of the test."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

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
