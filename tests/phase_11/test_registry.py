"""States, metrics and health."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from reference_runtime.registry import PluginRegistry
from tests.in_process import InProcess, database
from tests.runtime_server import Server, eventually


@asynccontextmanager
async def loaded(folder: Path) -> AsyncIterator[PluginRegistry]:
    with database(folder) as opened:
        registry = PluginRegistry(opened, InProcess(), folder)
        await registry.load()
        yield registry
        await registry.write()


async def of(registry: PluginRegistry, name: str) -> dict[str, Any]:
    return next(each for each in await registry.describe() if each["name"] == name)


def test_a_plugin_is_loaded_then_initialized_running_failed(faulty: Server) -> None:
    faulty.load_again()
    assert faulty.plugin("faulty")["state"] == "LOADED"
    faulty.analyze("faulty")
    assert faulty.plugin("faulty")["state"] == "INITIALIZED"
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(faulty.analyze, "faulty", options={"sleep": 1})
        assert eventually(lambda: faulty.plugin("faulty")["state"] == "RUNNING", 5)
        assert faulty.analyze("faulty", options={"fault": "raises"}).status_code == 400
        assert faulty.plugin("faulty")["state"] == "RUNNING"
        slow.result()
    assert faulty.plugin("faulty")["state"] == "INITIALIZED"
    faulty.analyze("faulty", options={"fault": "raises"})
    assert faulty.plugin("faulty")["state"] == "FAILED"
    assert faulty.analyze("faulty").status_code == 200


def test_health_says_whether_a_plugin_can_be_run(faulty: Server) -> None:
    faulty.analyze("metadata")
    health = faulty.http.get("/v1/plugins/metadata/health")
    assert health.json() == faulty.plugin("metadata")
    assert (health.json()["state"], health.json()["reason"]) == ("INITIALIZED", None)
    broken = faulty.http.get("/v1/plugins/broken.py/health").json()
    assert broken["state"] == "UNAVAILABLE"
    assert "a library is missing" in broken["reason"]
    assert faulty.http.get("/v1/plugins/nobody/health").status_code == 404


@settings(max_examples=25)
@given(times=st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_the_average_is_the_mean_of_all_runs(
    tmp_path_factory: pytest.TempPathFactory, times: list[float]
) -> None:
    async def described() -> dict[str, Any]:
        async with loaded(tmp_path_factory.mktemp("metrics")) as registry:
            for number, elapsed in enumerate(times):
                registry.update_execution_metrics("metadata", "INITIALIZED", elapsed, number % 2 == 0)
                if number % 7 == 0:
                    await registry.write()
            return await of(registry, "metadata")

    found = asyncio.run(described())
    assert found["avg_execution_time_ms"] == pytest.approx(sum(times) / len(times))
    assert found["last_execution_time_ms"] == times[-1]
    assert found["error_count"] == (len(times) + 1) // 2
    assert found["success_count"] == len(times) // 2


def test_an_unknown_plugin_leaves_no_row(tmp_path: Path) -> None:
    async def rows() -> tuple[Any, Any]:
        async with loaded(tmp_path) as registry:
            before = await registry.describe()
            registry.update_execution_metrics("nobody", "FAILED", 1.0, True)
            await registry.write()
            return before, await registry.describe()

    before, after = asyncio.run(rows())
    assert before == after


def test_a_client_s_mistake_counts_and_leaves_the_state_as_it_was(faulty: Server) -> None:
    for prepare, state in (({}, "INITIALIZED"), ({"fault": "raises"}, "FAILED")):
        faulty.analyze("faulty", options=prepare)
        before = faulty.counts("faulty")
        assert faulty.analyze("faulty", image="%%%").status_code == 400
        assert faulty.plugin("faulty")["state"] == state
        assert faulty.counts("faulty") == (before[0], before[1] + 1)
    faulty.analyze("broken.py")
    assert faulty.plugin("broken.py")["state"] == "UNAVAILABLE"


def written(data: Path, name: str) -> tuple[int, ...]:
    """The successes of a plugin in the database."""
    kept = sqlite3.connect(data / "runtime.db")
    rows = kept.execute("SELECT success_count FROM plugins WHERE name = ?", [name]).fetchall()
    kept.close()
    return tuple(count for (count,) in rows)


def test_metrics_outlive_the_service(tmp_path: Path) -> None:
    server = Server(tmp_path, faulty=True)
    server.analyze("faulty")
    server.analyze("faulty", options={"fault": "raises"})
    server.analyze("metadata")
    assert server.stop() == 0  # what was owed is written
    server.start()
    try:
        assert (server.counts("faulty"), server.counts("metadata")) == ((1, 1), (1, 0))
        assert server.plugin("faulty")["state"] == "LOADED"
        server.analyze("faulty")
        assert eventually(lambda: written(tmp_path, "faulty") == (2,), 5)
        server.kill()
        server.start()
        assert server.counts("faulty") == (2, 1)
    finally:
        server.stop()


def test_what_cannot_be_written_is_told_while_others_try_again(tmp_path: Path) -> None:
    async def scene() -> None:
        with database(tmp_path) as opened:
            registry = PluginRegistry(opened, InProcess(), tmp_path)
            await registry.load()
            sound = opened.statements["add metrics"]
            opened.statements["add metrics"] = text("SELECT nothing")
            registry.update_execution_metrics("metadata", "INITIALIZED", 1.0, had_error=False)
            told = await asyncio.gather(*(registry.status("metadata") for _ in range(3)))
            assert [each["success_count"] for each in told] == [1, 1, 1]
            opened.statements["add metrics"] = sound
            assert (await registry.status("metadata"))["success_count"] == 1

    asyncio.run(scene())


def test_who_stops_waiting_for_the_metrics_to_be_written_loses_none(tmp_path: Path) -> None:
    """As a shutdown does, while the database is busy with something else and the write waits for its turn."""

    async def scene() -> None:
        with database(tmp_path) as opened:
            registry = PluginRegistry(opened, InProcess(), tmp_path)
            await registry.load()
            free = Event()
            opened._threads.submit(free.wait, 10)
            registry.update_execution_metrics("metadata", "INITIALIZED", 1.0, had_error=False)
            writing = asyncio.create_task(registry.write())
            await asyncio.sleep(0.05)
            writing.cancel()
            await asyncio.wait([writing])
            free.set()
            assert (await of(registry, "metadata"))["success_count"] == 1
            assert [row.success_count for row in await opened.run(("metrics", {}))] == [1]

    asyncio.run(scene())
