"""The database locked, full or broken, and a clock that steps: results come all the same, and counts are exact."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from reference_runtime.errors import NotFound
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.jobs import JobManagementService
from reference_runtime.services.plugins import PluginManagementService
from reference_runtime.settings import Settings
from reference_runtime.tool_runner import ToolRunner
from tests.in_process import InProcess, database
from tests.runtime_server import ROOT, Server, eventually


def ready(server: Server) -> int:
    return server.http.get("/readyz").status_code


def lock(data: Path) -> sqlite3.Connection:
    """A connection that keeps everyone else from writing."""
    other = sqlite3.connect(data / "runtime.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_database_delays_no_result_and_loses_no_count_and_no_job(tmp_path: Path) -> None:
    server = Server(tmp_path, "--lease", "1", faulty=True)
    try:
        job_id = server.submit("faulty", options={"sleep": 1, "append": str(tmp_path / "ran"), "line": 1})
        assert eventually((tmp_path / "ran").exists, 5)
        other = lock(tmp_path)
        began = time.monotonic()
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: server.analyze("metadata").status_code, range(12)))
        assert answers == [200] * 12
        assert server.analyze("faulty", options={"fault": "raises"}).status_code == 400
        assert server.http.get("/healthz").elapsed.total_seconds() < 0.5
        assert time.monotonic() - began < 5
        assert server.counts("metadata") == (12, 0)  # owed, and told
        assert ready(server) == 503
        refused = server.http.post(
            "/v1/jobs", json={"plugin": "metadata", "image": "QUJD", "mime_type": "a/b"}
        )
        assert refused.json()["detail"]["message"] == "the database does not answer; try again later"
        time.sleep(max(0.0, began + 1.8 - time.monotonic()))  # the job has ended, its lease is over
        other.execute("ROLLBACK")
        other.close()
        assert server.ended(job_id, 10).status_code == 200
        assert eventually(lambda: ready(server) == 200, 5)
        assert (tmp_path / "ran").read_text().split() == ["1"]
        assert server.counts("metadata") == (12, 0)
        assert server.counts("faulty") == (1, 1)
        assert "could not be written" in (tmp_path / "log").read_text()
    finally:
        assert server.stop() == 0
    kept = sqlite3.connect(tmp_path / "runtime.db")
    rows = dict(kept.execute("SELECT name, success_count FROM plugins").fetchall())
    kept.close()
    assert (rows["metadata"], rows["faulty"]) == (12, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True
    )
    assert done.returncode == 0, f"this test mounts a small tmpfs: {done.stderr.decode()}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_changes_no_result_and_loses_no_count(small_disk: Path) -> None:
    server = Server(small_disk, faulty=True)
    try:
        assert server.analyze("metadata").status_code == 200
        assert eventually(lambda: ready(server) == 200, 5)
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        for _ in range(5):
            assert server.analyze("metadata").status_code == 200
        answer = server.http.post(
            "/v1/jobs", json={"plugin": "metadata", "image": "A" * 400_000, "mime_type": "a/b"}
        )
        assert answer.json()["detail"]["message"] == "the database does not answer; try again later"
        assert server.counts("metadata") == (6, 0)
        filler.unlink()
        assert eventually(lambda: ready(server) == 200, 10)
        assert server.ended(server.submit("metadata")).status_code == 200
        assert server.counts("metadata") == (7, 0)
    finally:
        assert server.stop() == 0


def test_a_folder_that_is_read_only_is_one_line(small_disk: Path) -> None:
    for made in ("", "plugins"):
        if made:
            (small_disk / made).mkdir()
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        status, said = start("--data", str(small_disk))
        assert (status, said.count("\n")) == (2, 1), said
        subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)


def broken(server: Server) -> None:
    (server.data / "runtime.db").write_bytes(b"this is no database" * 1000)
    for name in ("runtime.db-wal", "runtime.db-shm"):
        (server.data / name).unlink(missing_ok=True)


def start(*options: str, **environment: str) -> tuple[int, str]:
    """The status and the last words of a service that cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "reference_runtime", *options],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_database_that_breaks_at_work_fails_no_analysis_and_one_line_at_the_start(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        assert server.analyze("metadata").status_code == 200
        broken(server)
        for _ in range(3):
            assert server.analyze("metadata").status_code == 200
        assert server.http.get("/healthz").status_code == 200
        assert server.http.get("/v1/plugins").status_code == 200
    finally:
        server.stop()
    broken(server)
    status, said = start("--data", str(tmp_path))
    assert status == 2
    assert "not a database" in said
    assert said.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_one_line_without_the_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://user:hunter2@127.0.0.1:1/jobs"
    data = ("--data", str(tmp_path))
    with ThreadPoolExecutor(2) as pool:
        told = [
            pool.submit(start, *data, "--database", url),
            pool.submit(start, *data, PHASE12_DATABASE=url),
            pool.submit(start, "--data", "/proc/nowhere"),
        ]
    for status, said in (each.result() for each in told):
        assert (status, said.count("\n")) == (2, 1)
        assert "hunter2" not in said


def test_every_statement_about_jobs_has_an_index(tmp_path: Path) -> None:
    with database(tmp_path) as opened, opened._engine.begin() as connection:
        assert len(opened.statements) == 15
        for name, statement in opened.statements.items():
            values = dict.fromkeys(statement._bindparams, 1)
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), values)]
            scans = [
                each for each in plan if each.startswith("SCAN") and "jobs" in each and "USING" not in each
            ]
            assert not scans, (name, plan)


LOST, LOST_JOB = "the service that ran it was lost", uuid4()


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def service(
    folder: Path, opened: Any, clock: Clock, **changed: Any
) -> tuple[JobManagementService, PluginRegistry]:
    workers = InProcess()
    registry = PluginRegistry(opened, workers, folder)
    settings = Settings(data=folder, lease=6, keep_jobs=60, **changed)
    kind = type("Jobs", (JobManagementService,), {"clock": staticmethod(clock)})
    return kind(PluginManagementService(ToolRunner(registry, workers)), opened, settings), registry


@pytest.mark.parametrize("step", [-3600.0, 3600.0, 25 * 3600.0])
def test_a_step_of_the_wall_clock_neither_loses_nor_repeats_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    """The clock that a user sees is set while one service has died over a job, and a job has just ended."""
    wall = time.time

    async def scene() -> None:
        with database(tmp_path) as opened:
            clock = Clock()
            dead, _ = service(tmp_path, opened, clock)
            await dead.reconcile()
            values = {
                "id": str(LOST_JOB),
                "plugin": "metadata",
                "payload": "{}",
                "size": 2,
                "request_id": None,
            }
            await opened.run(("add job", values | {"most_jobs": 9, "most_bytes": 99}))
            (claimed,) = await opened.run(("claim a job", {"owner": "dead", "lease": 6}))
            assert claimed.id == str(LOST_JOB)
            ended = uuid4()
            await opened.run(("add job", values | {"id": str(ended), "most_jobs": 9, "most_bytes": 99}))
            success = {"state": "SUCCESS", "result": "{}", "error": None}
            await opened.run(("claim a job", dead._owner))
            await opened.run(("end job", success | {"id": str(ended)} | dead._owner))

            monkeypatch.setattr(time, "time", lambda: wall() + step)
            clock = Clock()
            clock.now = 5.0  # after a restart of the machine, too
            alive, _ = service(tmp_path, opened, clock)
            await alive.reconcile()
            assert (await alive.job(LOST_JOB))["state"] == "RUNNING"
            assert (await alive.job(ended))["state"] == "SUCCESS"
            clock.now += 5.9
            await alive.reconcile()
            assert (await alive.job(LOST_JOB))["state"] == "RUNNING"
            clock.now += 0.2
            await alive.reconcile()
            assert (await alive.job(LOST_JOB))["state"] == "PENDING"
            assert (await alive.job(ended))["state"] == "SUCCESS"
            clock.now += 60
            await alive.reconcile()
            with pytest.raises(NotFound):
                await alive.job(ended)

    asyncio.run(scene())


def test_a_job_whose_service_is_lost_is_tried_three_times(tmp_path: Path) -> None:
    async def scene() -> None:
        with database(tmp_path) as opened:
            clock = Clock()
            jobs, _ = service(tmp_path, opened, clock)
            job_id = UUID(await jobs.submit_job("metadata", {}))
            for tries in (1, 2, 3):
                (claimed,) = await opened.run(("claim a job", {"owner": f"dead {tries}", "lease": 6}))
                assert (claimed.id, (await jobs.job(job_id))["tries"]) == (str(job_id), tries)
                clock.now += 5.9
                await jobs.reconcile()
                assert (await jobs.job(job_id))["state"] == "RUNNING"
                clock.now += 0.2
                await jobs.reconcile()
            ended = await jobs.job(job_id)
            assert (ended["state"], ended["error"]["error"]["message"]) == ("FAILED", LOST)
            assert not await opened.run(("claim a job", {"owner": "alive", "lease": 6}))

    asyncio.run(scene())


def test_a_clock_that_lags_behind_another_service_s_is_put_right(tmp_path: Path) -> None:
    async def scene() -> None:
        with database(tmp_path) as opened:
            first, second = Clock(), Clock()
            one, _ = service(tmp_path, opened, first)
            two, _ = service(tmp_path, opened, second)
            first.now += 100
            await one.reconcile()
            await two.reconcile()
            assert first() + one._ahead == second() + two._ahead == 100
            second.now += 1
            await two.reconcile()
            await one.reconcile()
            assert first() + one._ahead == 101

    asyncio.run(scene())
