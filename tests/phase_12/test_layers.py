"""The wiring as it is, unmocked: which layer calls which, and what the linter says of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from huey import SqliteHuey

from reference_runtime.database import Database
from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService
from reference_runtime.services.jobs import SCHEMA, JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.tool_runner import ToolRunner
from tests.doors import analysed
from tests.runtime_server import ROOT, png

LAYERS = ["AnalysisService", "JobManagementService", "PluginManagementService", "ToolRunner"]


def test_a_call_goes_down_the_layers_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    called = Workers.call

    async def recorded(self: Workers, function: Any, payload: dict[str, Any], plugin_name: str) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            layer = type(frame.f_locals.get("self")).__name__
            if layer in LAYERS and seen[:1] != [layer]:
                seen.insert(0, layer)
            frame = frame.f_back
        return await called(self, function, payload, plugin_name)

    monkeypatch.setattr(Workers, "call", recorded)
    registry = PluginRegistry(tmp_path / "metrics.db", tmp_path / "plugins")
    workers = Workers(tmp_path / "plugins", 1, 10.0, 1 << 30, 8)
    store = Database(tmp_path / "jobs.db", SCHEMA, 1.0)
    queue = SqliteHuey(filename=str(tmp_path / "queue.db"))
    runner = ToolRunner(registry, workers)
    jobs = JobManagementService(store, queue, PluginManagementService(runner), 6.0)

    async def analyze() -> tuple[dict[str, Any], dict[str, Any]]:
        await workers.start()
        try:
            payload = {"image": png(), "mime_type": "image/png", "options": {}}
            return await AnalysisService(jobs).analyze("metadata", payload)
        finally:
            await workers.close()

    result, error = asyncio.run(analyze())
    store.close()
    registry.close()
    queue.storage.close()
    assert (result["format"], error) == ("PNG", {})
    assert seen == LAYERS


class RaisingRunner(ToolRunner):
    """Breaks its word."""

    def __init__(self) -> None:
        """It needs nothing."""

    async def run(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        raise ValueError(plugin_name)


def test_what_a_layer_raises_is_not_swallowed_above_it(tmp_path: Path) -> None:
    store = Database(tmp_path / "jobs.db", SCHEMA, 1.0)
    queue = SqliteHuey(filename=str(tmp_path / "queue.db"))
    jobs = JobManagementService(store, queue, PluginManagementService(RaisingRunner()), 6.0)
    with pytest.raises(ValueError, match="metadata"):
        asyncio.run(AnalysisService(jobs).analyze("metadata", {}))
    store.close()
    queue.storage.close()


def test_the_linter_finds_nothing_in_the_runtime() -> None:
    found = analysed(ROOT, {}).findings
    assert not [finding for finding in found if finding.path.startswith("reference_runtime/")]
