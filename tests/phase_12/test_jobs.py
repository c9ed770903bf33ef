"""Jobs through the queue, and that none is lost when the server dies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.redis_server import redis_server
from tests.runtime_server import ROOT, Server, eventually, is_error_object


def test_a_job_gives_what_analyze_gives(faulty: Server) -> None:
    analysed = faulty.analyze("metadata").json()
    job_id = faulty.submit("metadata")
    assert faulty.ended(job_id).json() == {"id": job_id, "state": "SUCCESS", **analysed}


def test_a_job_that_fails_answers_with_its_error(faulty: Server) -> None:
    answer = faulty.ended(faulty.submit("faulty", options={"fault": "raises"}))
    assert answer.status_code == 400
    assert is_error_object(answer.json())
    assert answer.json()["detail"]["type"] == "PluginError"


def test_a_job_that_has_not_ended_is_a_conflict_and_an_unknown_one_is_not_found(faulty: Server) -> None:
    job_id = faulty.submit("faulty", options={"sleep": 1})
    waiting = faulty.http.get(f"/v1/jobs/{job_id}")
    assert waiting.status_code == 409
    assert is_error_object(waiting.json())
    for path in ("/v1/jobs/none", "/v1/jobs/%00", "/v1/jobs/%ED%A0%80"):
        unknown = faulty.http.get(path)
        assert unknown.status_code == 404
        assert is_error_object(unknown.json())
    assert faulty.ended(job_id).status_code == 200


def test_a_cancelled_job_fails_as_cancelled_and_its_result_is_dropped(faulty: Server) -> None:
    job_id = faulty.submit("faulty", options={"sleep": 1})
    assert eventually(lambda: "RUNNING" in faulty.http.get(f"/v1/jobs/{job_id}").text, 5)
    cancelled = faulty.http.post(f"/v1/jobs/{job_id}/cancel")
    assert cancelled.json() == {"id": job_id, "state": "FAILED"}
    before = sum(faulty.counts("faulty"))
    assert eventually(lambda: sum(faulty.counts("faulty")) > before, 10)
    answer = faulty.http.get(f"/v1/jobs/{job_id}")
    assert answer.status_code == 400
    assert answer.json()["detail"]["message"] == "cancelled"
    assert faulty.http.post("/v1/jobs/none/cancel").status_code == 404


def survives(start: Callable[[], Server], log: Path) -> None:
    """Kill the server amid ten jobs, start it again, and demand that all of them end well."""
    server = start()
    jobs = [
        server.submit("faulty", options={"sleep": 0.4, "append": str(log), "line": number})
        for number in range(10)
    ]
    assert eventually(lambda: log.exists() and len(log.read_text().split()) >= 2, 20)
    server.kill()
    server.start()
    try:
        assert [server.ended(job_id, 90).status_code for job_id in jobs] == [200] * 10
        assert set(log.read_text().split()) == {str(number) for number in range(10)}
    finally:
        server.stop()


def test_no_job_is_lost_by_kill_9_with_sqlite(tmp_path: Path) -> None:
    survives(lambda: Server(tmp_path, faulty=True), tmp_path / "ran")


def test_no_job_is_lost_by_kill_9_with_redis(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        options = ("--queue", url, "--shared-jobs", str(tmp_path / "shared.db"))
        survives(lambda: Server(tmp_path, *options, faulty=True), tmp_path / "ran")


def test_two_services_work_off_one_redis_queue(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        options = ("--queue", url, "--shared-jobs", str(tmp_path / "shared.db"))
        servers = [Server(tmp_path / name, *options, faulty=True) for name in ("one", "two")]
        try:
            jobs = [servers[0].submit("faulty", options={"sleep": 0.3}) for _ in range(12)]
            assert [servers[1].ended(job_id).status_code for job_id in jobs] == [200] * 12
            counts = [server.counts("faulty")[0] for server in servers]
            assert sum(counts) == 12
            assert all(counts)
        finally:
            for server in servers:
                server.stop()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--queue", "redis://127.0.0.1:1/0"], "--shared-jobs FILE"),
        (["--queue", "amqp://x"], "must be a Redis URL"),
    ],
)
def test_a_queue_that_cannot_work_is_refused_in_one_line(
    tmp_path: Path, options: list[str], said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reference_runtime", "--data", str(tmp_path), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def _has_lines(log: Path, count: int) -> bool:
    return log.exists() and len(log.read_text().split()) == count


def test_a_job_whose_worker_is_lost_is_queued_again_and_fails_after_three_tries(tmp_path: Path) -> None:
    server = Server(tmp_path, "--time-limit", "60", faulty=True)
    log = tmp_path / "ran"
    job_id = server.submit("faulty", options={"append": str(log), "line": "begun", "sleep": 30})
    for tries in range(1, 4):
        assert eventually(partial(_has_lines, log, tries), 30)
        server.kill()
        server.start()
    try:
        answer = server.ended(job_id, 30)
        assert answer.status_code == 400
        assert answer.json()["detail"]["message"] == "the service that ran it was lost"
        assert log.read_text().split() == ["begun"] * 3
    finally:
        server.stop()
