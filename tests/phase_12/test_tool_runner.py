"""The choke point alone: whatever plugin, workers or caller do, it gives a pair, one count and one of the states."""

from __future__ import annotations

import asyncio
import runpy
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reference_runtime import tool_runner
from reference_runtime.errors import Envelope, ExecutionError, PluginError
from reference_runtime.registry import PluginRegistry
from reference_runtime.tool_runner import ToolRunner
from tests.in_process import Answering, database
from tests.runtime_server import png

GOOD = {"image": png(), "mime_type": "image/png", "options": {}}
STATES = {"LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"}


class Runs:
    """Runs ``metadata`` with workers that answer ``answer``; what the registry then says of it."""

    def __init__(self, folder: Path, answer: object, runner: type[ToolRunner] = ToolRunner) -> None:
        self.folder = folder
        self.workers = Answering(answer)
        self.runner = runner
        self.rows: list[dict[str, Any]] = []

    def run(self, payload: dict[str, Any] = GOOD, plugin: str = "metadata") -> tuple[object, Envelope]:
        """The pair."""

        async def within() -> tuple[object, Envelope]:
            with database(self.folder) as opened:
                registry = PluginRegistry(opened, self.workers, self.folder)
                await registry.load()
                before = (await registry.describe())[0]
                assert before["state"] == "LOADED"
                pair = await self.runner(registry, self.workers).run(plugin, payload)
                await registry.write()
                self.rows = await registry.describe()
                return pair

        return asyncio.run(within())

    def described(self) -> dict[str, Any]:
        """State and metrics."""
        return next(each for each in self.rows if each["name"] == "metadata")

    def counts(self) -> tuple[int, int]:
        """Successes and errors."""
        return self.described()["success_count"], self.described()["error_count"]


def is_envelope(error: Envelope, kind: str) -> bool:
    return set(error) == {"error", "_internal"} and error["error"]["type"] == kind


def test_an_empty_dict_is_a_success(tmp_path: Path) -> None:
    runs = Runs(tmp_path, {})
    assert runs.run() == ({}, {})
    assert runs.counts() == (1, 0)


@pytest.mark.parametrize(
    "output",
    [None, [], "text", {"n": float("nan")}, {1: 2}, {"o": object()}],
    ids=["None", "list", "text", "NaN", "number as key", "object"],
)
def test_an_output_that_is_no_json_object_is_an_error(output: object, tmp_path: Path) -> None:
    runs = Runs(tmp_path, output)
    result, error = runs.run()
    assert result == {}
    assert is_envelope(error, "ValidationError")
    assert runs.counts() == (0, 1)


@pytest.mark.parametrize(
    "changed",
    [{"image": b""}, {"image": "%%%"}, {"mime_type": ""}, {"mime_type": "image/gif"}, {"options": []}],
    ids=repr,
)
def test_an_input_that_is_refused_reaches_no_plugin(changed: dict[str, Any], tmp_path: Path) -> None:
    runs = Runs(tmp_path, {})
    _, error = runs.run({**GOOD, **changed})
    assert is_envelope(error, "ValidationError")
    assert runs.workers.calls == []
    assert runs.counts() == (0, 1)
    assert runs.described()["state"] == "LOADED"  # no run has failed


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (PluginError("it failed"), "PluginError"),
        (ExecutionError("no worker"), "ExecutionError"),
        (OSError("no socket"), "ExecutionError"),
        (TypeError("cannot pickle"), "ExecutionError"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_whatever_goes_wrong_is_an_envelope_and_one_error(
    raised: Exception, kind: str, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, raised)
    result, error = runs.run()
    assert result == {}
    assert is_envelope(error, kind)
    said = (
        str(raised)
        if kind != "ExecutionError" or isinstance(raised, ExecutionError)
        else type(raised).__name__
    )
    assert said in error["error"]["message"]
    assert "Traceback" in error["_internal"]["traceback"]
    assert runs.counts() == (0, 1)


def test_an_unknown_plugin_is_an_envelope_and_counts_for_no_other(tmp_path: Path) -> None:
    runs = Runs(tmp_path, {})
    _, error = runs.run(plugin="nobody")
    assert is_envelope(error, "ValidationError")
    assert runs.workers.calls == []
    assert runs.counts() == (0, 0)


@pytest.mark.parametrize("answer", [{}, OSError()], ids=["success", "failure"])
def test_a_state_is_one_of_the_five(answer: object, tmp_path: Path) -> None:
    runs = Runs(tmp_path, answer)
    runs.run()
    assert runs.described()["state"] in STATES


def test_a_clock_that_is_set_back_makes_no_time_negative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = count(1_700_000_000, -3600)
    monkeypatch.setattr(time, "time", lambda: float(next(back)))
    read_anew = runpy.run_path(tool_runner.__file__)["ToolRunner"]
    runs = Runs(tmp_path, {}, read_anew)
    runs.run()
    assert runs.described()["last_execution_time_ms"] >= 0
