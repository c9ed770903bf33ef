"""States, metrics and health."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_runtime.registry import PluginRegistry
from tests.runtime_server import Server, eventually


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[PluginRegistry]:
    opened = PluginRegistry(tmp_path / "metrics.db", tmp_path)
    yield opened
    opened.close()


def of(registry: PluginRegistry, name: str) -> dict[str, object]:
    return next(each for each in registry.describe() if each["name"] == name)


def test_a_plugin_is_loaded_then_initialized_running_failed(faulty: Server, tmp_path: Path) -> None:
    server = Server(tmp_path, faulty=True)
    try:
        assert server.plugin("faulty")["state"] == "LOADED"
        server.analyze("faulty")
        assert server.plugin("faulty")["state"] == "INITIALIZED"
        with ThreadPoolExecutor(2) as pool:
            slow = pool.submit(server.analyze, "faulty", options={"sleep": 1})
            assert eventually(lambda: server.plugin("faulty")["state"] == "RUNNING", 5)
            assert server.analyze("faulty", options={"fault": "raises"}).status_code == 400
            assert server.plugin("faulty")["state"] == "RUNNING"
            slow.result()
        assert server.plugin("faulty")["state"] == "INITIALIZED"
        server.analyze("faulty", options={"fault": "raises"})
        assert server.plugin("faulty")["state"] == "FAILED"
        assert server.analyze("faulty").status_code == 200
    finally:
        server.stop()


def test_health_says_whether_a_plugin_can_be_run(faulty: Server) -> None:
    faulty.analyze("metadata")
    health = faulty.http.get("/v1/plugins/metadata/health")
    assert health.json() == {"name": "metadata", "state": "INITIALIZED", "healthy": True, "reason": None}
    broken = faulty.http.get("/v1/plugins/broken/health").json()
    assert (broken["state"], broken["healthy"]) == ("UNAVAILABLE", False)
    assert "a library is missing" in broken["reason"]
    assert faulty.http.get("/v1/plugins/nobody/health").status_code == 404


@given(times=st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_the_average_is_the_mean_of_all_runs(
    tmp_path_factory: pytest.TempPathFactory, times: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("metrics")
    registry = PluginRegistry(folder / "metrics.db", folder)
    for number, elapsed in enumerate(times):
        registry.update_execution_metrics("metadata", "INITIALIZED", elapsed, number % 2 == 0)
    described = of(registry, "metadata")
    assert described["avg_execution_time_ms"] == pytest.approx(sum(times) / len(times))
    assert described["last_execution_time_ms"] == times[-1]
    assert described["error_count"] == (len(times) + 1) // 2
    assert described["success_count"] == len(times) // 2
    registry.close()


def test_an_unknown_plugin_leaves_no_row(registry: PluginRegistry) -> None:
    before = registry.describe()
    registry.update_execution_metrics("nobody", "FAILED", 1.0, True)
    assert registry.describe() == before
    assert registry.failed_updates == 0


def test_metrics_outlive_the_service(tmp_path: Path) -> None:
    server = Server(tmp_path, faulty=True)
    server.analyze("faulty")
    server.analyze("faulty", options={"fault": "raises"})
    server.kill()
    server.start()
    try:
        assert server.counts("faulty") == (1, 1)
        assert server.plugin("faulty")["state"] == "LOADED"
    finally:
        server.stop()


def test_a_locked_store_changes_no_result_and_loses_no_count(tmp_path: Path) -> None:
    server = Server(tmp_path, faulty=True)
    try:
        other = sqlite3.connect(tmp_path / "metrics.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert server.analyze("faulty").status_code == 200
        assert server.analyze("faulty", options={"fault": "raises"}).status_code == 400
        assert server.counts("faulty") == (0, 0)
        assert "metrics_store_failures_total 2.0" in server.http.get("/metrics").text
        other.execute("ROLLBACK")
        other.close()
        assert server.analyze("faulty").status_code == 200
        assert server.counts("faulty") == (2, 1)
        assert "could not be written" in (tmp_path / "log").read_text()
    finally:
        server.stop()


def test_a_store_that_cannot_be_written_changes_no_result(registry: PluginRegistry) -> None:
    registry._database.run("PRAGMA query_only = 1")
    registry.update_execution_metrics("metadata", "INITIALIZED", 1.0, False)
    assert registry.failed_updates == 1
    registry._database.run("PRAGMA query_only = 0")
    registry.update_execution_metrics("metadata", "INITIALIZED", 3.0, False)
    described = of(registry, "metadata")
    assert (described["success_count"], described["avg_execution_time_ms"]) == (2, 2.0)
