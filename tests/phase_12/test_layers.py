"""The wiring as it is, unmocked: which layer calls which, and what the linter says of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService
from reference_runtime.services.jobs import JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings
from reference_runtime.tool_runner import ToolRunner
from tests.doors import analysed
from tests.in_process import database
from tests.mutations.model import lay_out
from tests.runtime_server import png

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

    async def analyze() -> tuple[dict[str, Any], dict[str, Any]]:
        with database(tmp_path) as opened:
            workers = Workers(10.0, 1 << 30, 50)
            registry = PluginRegistry(opened, workers, tmp_path)
            plugins = PluginManagementService(ToolRunner(registry, workers))
            jobs = JobManagementService(plugins, opened, Settings(data=tmp_path))
            try:
                await registry.load()
                seen.clear()
                payload = {"image": png(), "mime_type": "image/png", "options": {}}
                return await AnalysisService(jobs).analyze("metadata", payload)
            finally:
                await registry.write()
                await workers.close()

    result, error = asyncio.run(analyze())
    assert (result["format"], error) == ("PNG", {})
    assert seen == LAYERS


class RaisingRunner(ToolRunner):
    """Breaks its word."""

    def __init__(self) -> None:
        """It needs nothing."""

    async def run(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        raise ValueError(plugin_name)


def test_what_a_layer_raises_is_not_swallowed_above_it(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        jobs = JobManagementService(PluginManagementService(RaisingRunner()), opened, Settings(data=tmp_path))
        with pytest.raises(ValueError, match="metadata"):
            asyncio.run(AnalysisService(jobs).analyze("metadata", {"image": b"x"}))


def test_the_linter_finds_nothing_in_the_runtime(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert not analysed(tmp_path, {}).findings
