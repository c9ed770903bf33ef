"""Jobs through the table, and that none is lost when a service dies: on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import new_database, postgres_server
from tests.runtime_server import Server, eventually, is_error_object
from tests.thinning import thinned

LOST = "the service that ran it was lost"
QUICK = ("--lease", "1.5")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The options that say which database."""
    if request.param == "sqlite":
        return ()
    server = request.getfixturevalue("postgres")
    return ("--database", new_database(server, f"jobs_{uuid.uuid4().hex}"))


def test_a_job_gives_what_analyze_gives(faulty: Server) -> None:
    for plugin, options in (("metadata", {}), ("faulty", {"nested": 198})):
        analysed = faulty.analyze(plugin, options=options).json()
        job_id = faulty.submit(plugin, options=options)
        assert faulty.ended(job_id).json() == {"id": job_id, "state": "SUCCESS", **analysed}
        assert uuid.UUID(job_id).version == 4


def test_a_job_that_fails_answers_with_its_error(faulty: Server) -> None:
    answer = faulty.ended(faulty.submit("faulty", options={"fault": "raises"}))
    assert answer.status_code == 400
    assert is_error_object(answer.json())
    assert (answer.json()["detail"]["type"], answer.json()["detail"]["plugin"]) == ("PluginError", "faulty")


def test_a_job_that_has_not_ended_is_a_conflict_and_an_unknown_one_is_not_found(faulty: Server) -> None:
    job_id = faulty.submit("faulty", options={"sleep": 1})
    waiting = faulty.http.get(f"/v1/jobs/{job_id}")
    assert waiting.status_code == 409
    assert is_error_object(waiting.json())
    for path in ("/v1/jobs/none", "/v1/jobs/%00", "/v1/jobs/%ED%A0%80", "/nowhere", "/v1/jobs/a/b"):
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
    again = faulty.http.post(f"/v1/jobs/{faulty.submit('metadata')}/cancel").json()["state"]
    assert again in ("FAILED", "SUCCESS")
    assert faulty.http.post("/v1/jobs/none/cancel").status_code == 404


def test_nothing_internal_and_no_analysis_is_kept_in_the_database(faulty: Server) -> None:
    job_id = faulty.submit("faulty", options={"fault": "raises"})
    assert faulty.ended(job_id).status_code == 400
    faulty.analyze("metadata")
    kept = sqlite3.connect(faulty.data / "runtime.db")
    (error,) = kept.execute("SELECT error FROM jobs WHERE id = ?", [job_id]).fetchone()
    assert "Traceback" not in error
    assert kept.execute(
        "SELECT count(*) FROM jobs WHERE payload IS NOT NULL AND ended IS NOT NULL"
    ).fetchone() == (0,)
    before = kept.execute("SELECT count(*) FROM jobs").fetchone()
    faulty.analyze("metadata")
    assert kept.execute("SELECT count(*) FROM jobs").fetchone() == before
    kept.close()


def kill_server(server: Server) -> None:
    server.kill()
    server.start()


def kill_workers(server: Server) -> None:
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)


def kill_fork_server(server: Server) -> None:
    os.kill(server.fork_server(), signal.SIGKILL)


KILLS = [
    ("sqlite", kill_server),
    ("postgresql", kill_server),
    ("postgresql", kill_workers),
    ("sqlite", kill_workers),
    ("sqlite", kill_fork_server),
    ("postgresql", kill_fork_server),
]


@pytest.mark.parametrize(("database", "kill"), thinned(KILLS, 2), indirect=["database"])
def test_no_job_is_lost_by_kill_9(
    tmp_path: Path, database: tuple[str, ...], kill: Callable[[Server], None]
) -> None:
    server = Server(tmp_path, *database, *QUICK, faulty=True)
    log = tmp_path / "ran"
    try:
        asked = ({"sleep": 0.3, "append": str(log), "line": number} for number in range(10))
        jobs = [server.submit("faulty", options=options) for options in asked]
        assert eventually(lambda: log.exists() and len(log.read_text().split()) >= 2, 20)
        kill(server)
        answers = [server.ended(job_id, 60) for job_id in jobs]
        codes = [answer.status_code for answer in answers]
        has_run = {*map(int, log.read_text().split())}
        assert has_run >= {number for number, code in enumerate(codes) if code == 200}
        if kill is kill_server:
            assert codes == [200] * 10, [answer.text for answer in answers]
        else:  # a run whose worker is killed has failed, and is told so; every other one goes on
            assert codes.count(200) >= 8
        assert server.analyze("metadata").status_code == 200
        assert eventually(lambda: server.holdings()[1] == 0, 5)
    finally:
        server.stop()


@pytest.mark.parametrize("database", thinned(DATABASES, 2), indirect=True)
def test_a_job_whose_service_is_lost_fails_after_three_tries(
    tmp_path: Path, database: tuple[str, ...]
) -> None:
    server = Server(tmp_path, "--time-limit", "60", *QUICK, *database, faulty=True)
    log = tmp_path / "ran"
    job_id = server.submit("faulty", options={"append": str(log), "line": "begun", "sleep": 30})
    for tries in range(1, 4):
        assert eventually(partial(_has_lines, log, tries), 30)
        server.kill()
        server.start()
    try:
        answer = server.ended(job_id, 30)
        assert answer.status_code == 400
        assert answer.json()["detail"]["message"] == LOST
        assert log.read_text().split() == ["begun"] * 3
    finally:
        server.stop()


def _has_lines(log: Path, count: int) -> bool:
    return log.exists() and len(log.read_text().split()) == count


def test_two_services_work_off_one_table_and_one_takes_over_when_the_other_dies(
    tmp_path: Path, postgres: str
) -> None:
    options = (*QUICK, "--database", new_database(postgres, "two"))
    servers = [Server(tmp_path / name, *options, faulty=True) for name in ("one", "two")]
    log = tmp_path / "ran"
    try:
        asked = {"sleep": 0.3, "append": str(log)}
        jobs = [servers[0].submit("faulty", options={**asked, "line": number}) for number in range(16)]
        assert [servers[1].ended(job_id).status_code for job_id in jobs] == [200] * 16
        assert sorted(map(int, log.read_text().split())) == [*range(16)]  # each once
        assert eventually(lambda: servers[0].counts("faulty") == servers[1].counts("faulty") == (16, 0), 5)
        jobs = [servers[0].submit("faulty", options={**asked, "line": number}) for number in range(16, 26)]
        assert eventually(lambda: len(log.read_text().split()) >= 18, 10)
        servers[0].kill()
        assert [servers[1].ended(job_id, 60).status_code for job_id in jobs] == [200] * 10
        assert set(map(int, log.read_text().split())) == {*range(26)}
    finally:
        if servers[0].process.poll() is None:
            servers[0].stop()
        servers[1].stop()


def test_jobs_that_wait_are_capped_in_number_and_bytes(tmp_path: Path) -> None:
    options = ("--workers", "1", "--most-jobs", "3", "--most-jobs-mib", "1")
    server = Server(tmp_path, *options, faulty=True)
    try:
        first = server.submit("faulty", options={"sleep": 1.5})
        assert eventually(lambda: "RUNNING" in server.http.get(f"/v1/jobs/{first}").text, 5)
        for body in ({"image": "A" * (2 << 20)}, *[{}] * 4):
            refused = server.http.post("/v1/jobs", json={**_small(), **body})
            if body or refused.status_code != 202:
                break
        assert refused.json()["detail"]["message"] == "too many jobs are waiting; try again later"
        accepted = [server.http.post("/v1/jobs", json=_small()).status_code for _ in range(5)]
        assert accepted == [202, 202, 202, 400, 400]
        assert server.counts("faulty") == (0, 0)
        assert server.ended(first).status_code == 200
        assert eventually(lambda: server.http.post("/v1/jobs", json=_small()).status_code == 202, 5)
    finally:
        server.stop()


def _small() -> dict[str, object]:
    return {"plugin": "faulty", "image": "QUJD", "mime_type": "application/x-letters"}


def test_finished_jobs_are_dropped(tmp_path: Path) -> None:
    server = Server(tmp_path, "--keep-jobs", "1")
    try:
        job_id = server.submit("metadata")
        assert server.ended(job_id).status_code == 200
        assert eventually(lambda: server.http.get(f"/v1/jobs/{job_id}").status_code == 404, 5)
        kept = sqlite3.connect(tmp_path / "runtime.db")
        assert kept.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
        kept.close()
    finally:
        server.stop()


def test_a_shutdown_drains_and_leaves_the_rest_to_the_next_service(
    tmp_path: Path, database: tuple[str, ...]
) -> None:
    server = Server(tmp_path, *database, "--drain-seconds", "1.5", "--time-limit", "60", faulty=True)
    log = tmp_path / "ran"
    quick = server.submit("faulty", options={"sleep": 1})
    slow = server.submit("faulty", options={"sleep": 20, "append": str(log), "line": "x"})
    assert eventually(log.exists, 5)
    assert server.stop(signal.SIGTERM) == 0
    if database:
        url = database[1].replace("+psycopg", "")
        with psycopg.connect(url) as kept:
            rows = dict(kept.execute("SELECT id, state FROM jobs").fetchall())
            tries = kept.execute("SELECT max(tries) FROM jobs WHERE state = 'PENDING'").fetchone()
    else:
        opened = sqlite3.connect(tmp_path / "runtime.db")
        rows = dict(opened.execute("SELECT id, state FROM jobs").fetchall())
        tries = opened.execute("SELECT max(tries) FROM jobs WHERE state = 'PENDING'").fetchone()
        opened.close()
    assert rows == {quick: "SUCCESS", slow: "PENDING"}
    assert tries == (0,)


def test_an_analysis_in_flight_is_answered_before_a_shutdown(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    server = Server(tmp_path, faulty=True)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.analyze, "faulty", options={"sleep": 1})
        assert eventually(lambda: server.plugin("faulty")["state"] == "RUNNING", 5)
        server.process.send_signal(signal.SIGTERM)
        assert running.result().status_code == 200
    assert server.process.wait(10) == 0
    server.http.close()
    server.log.close()
    assert sqlite3.connect(tmp_path / "runtime.db").execute(
        "SELECT success_count FROM plugins WHERE name = 'faulty'"
    ).fetchone() == (1,)
