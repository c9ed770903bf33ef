"""Jobs through the table, and that none is lost when a service dies: on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres_server import new_database, postgres_server
from tests.runtime_server import Server, descendants, eventually, is_error_object
from tests.thinning import thinned

LOST = "the service that ran it was lost"
QUICK = ("--lease", "1")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(scope="module", params=DATABASES)
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
    ("postgresql", kill_workers),
    ("postgresql", kill_server),
    ("sqlite", kill_server),
    ("sqlite", kill_workers),
    ("sqlite", kill_fork_server),
    ("postgresql", kill_fork_server),
]


@pytest.fixture(scope="module")
def lasting(database: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that is killed and started again."""
    data = tmp_path_factory.mktemp("lasting")
    server = Server(data, *database, *QUICK, "--time-limit", "60", faulty=True)
    yield server
    server.stop()


@pytest.mark.parametrize(("database", "kill"), thinned(KILLS, 2), indirect=["database"], scope="module")
def test_no_job_is_lost_by_kill_9(lasting: Server, kill: Callable[[Server], None], tmp_path: Path) -> None:
    log = tmp_path / "ran"
    asked = ({"sleep": 0.2, "append": str(log), "line": number} for number in range(10))
    jobs = [lasting.submit("faulty", options=options) for options in asked]
    assert eventually(lambda: log.exists() and len(log.read_text().split()) >= 2, 20)
    kill(lasting)
    answers = [lasting.ended(job_id, 60) for job_id in jobs]
    codes = [answer.status_code for answer in answers]
    has_run = {*map(int, log.read_text().split())}
    assert has_run >= {number for number, code in enumerate(codes) if code == 200}
    if kill is kill_server:
        assert codes == [200] * 10, [answer.text for answer in answers]
    else:  # a run whose worker is killed has failed, and is told so; every other one goes on
        assert codes.count(200) >= 8
    assert lasting.analyze("metadata").status_code == 200
    assert eventually(lambda: lasting.holdings()[1] == 0, 5)


@pytest.mark.parametrize("database", thinned(DATABASES, 2), indirect=True, scope="module")
def test_a_job_whose_service_is_lost_fails_after_three_tries(lasting: Server, tmp_path: Path) -> None:
    log = tmp_path / "ran"
    job_id = lasting.submit("faulty", options={"append": str(log), "line": "begun", "sleep": 30})
    for tries in range(1, 4):
        assert eventually(partial(_has_lines, log, tries), 30)
        kill_server(lasting)
    answer = lasting.ended(job_id, 30)
    assert answer.status_code == 400
    assert answer.json()["detail"]["message"] == LOST
    assert log.read_text().split() == ["begun"] * 3


def _has_lines(log: Path, count: int) -> bool:
    return log.exists() and len(log.read_text().split()) == count


def test_two_services_work_off_one_table_and_one_takes_over_when_the_other_dies(
    tmp_path: Path, postgres: str
) -> None:
    options = (*QUICK, "--database", new_database(postgres, "two"))
    with ThreadPoolExecutor(2) as pool:
        servers = [*pool.map(lambda name: Server(tmp_path / name, *options, faulty=True), ("one", "two"))]
    log = tmp_path / "ran"
    try:
        asked = {"sleep": 0.2, "append": str(log)}
        jobs = [servers[0].submit("faulty", options={**asked, "line": number}) for number in range(16)]
        assert [servers[1].ended(job_id).status_code for job_id in jobs] == [200] * 16
        assert sorted(map(int, log.read_text().split())) == [*range(16)]  # each once
        assert servers[0].http.get("/v1/jobs/%00").status_code == 404
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


class Hasty(Server):
    """Waits for its database not as long."""

    program = (
        "-c",
        "from reference_runtime import __main__, database; database._PATIENCE = 0.2; __main__.main()",
    )


@contextmanager
def stopped(pids: Iterable[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_database_that_hangs_delays_no_result_and_no_shutdown_and_counts_nothing_twice(
    tmp_path: Path, postgres: str
) -> None:
    url = new_database(postgres, "hangs")
    server = Hasty(tmp_path, "--database", url, "--drain-seconds", "1", faulty=True)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:

        def asked(query: str) -> Any:
            return other.execute(query.encode()).fetchone()

        own = asked("SELECT pg_backend_pid()")[0]
        (first,) = asked("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int")
        with stopped([first, *descendants(first).keys() - {own}]):
            began = time.monotonic()
            assert [server.analyze("metadata").status_code for _ in range(4)] == [200] * 4
            assert time.monotonic() - began < 2
            assert server.http.get("/readyz").status_code == 503
            assert server.counts("metadata") == (4, 0)  # owed, and told
        written = "SELECT success_count FROM plugins WHERE name = 'metadata'"
        assert eventually(lambda: asked(written) is not None, 10)
        assert eventually(lambda: server.http.get("/readyz").status_code == 200, 10)
        assert server.ended(server.submit("metadata")).status_code == 200
        assert eventually(lambda: asked(written) == (5,), 5)
        assert server.counts("metadata") == (5, 0)
        with stopped([first, *descendants(first).keys() - {own}]):
            assert server.stop() == 0


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that keeps few jobs, and not for long."""
    options = ("--workers", "1", "--most-jobs", "3", "--most-jobs-mib", "1", "--keep-jobs", "1")
    server = Server(tmp_path_factory.mktemp("small"), *options, faulty=True)
    yield server
    assert server.stop() == 0


def test_jobs_that_wait_are_capped_in_number_and_bytes(small: Server) -> None:
    first = small.submit("faulty", options={"sleep": 1.5})
    assert eventually(lambda: "RUNNING" in small.http.get(f"/v1/jobs/{first}").text, 5)
    refused = small.http.post("/v1/jobs", json={**_small(), "image": "A" * (2 << 20)})
    assert refused.json()["detail"]["message"] == "too many jobs are waiting; try again later"
    accepted = [small.http.post("/v1/jobs", json=_small()).status_code for _ in range(5)]
    assert accepted == [202, 202, 202, 400, 400]
    assert small.counts("faulty") == (0, 0)
    assert small.ended(first).status_code == 200
    assert eventually(lambda: small.http.post("/v1/jobs", json=_small()).status_code == 202, 5)


def _small() -> dict[str, object]:
    return {"plugin": "faulty", "image": "QUJD", "mime_type": "application/x-letters"}


def test_finished_jobs_are_dropped(small: Server) -> None:
    def rows() -> list[tuple[str]]:
        kept = sqlite3.connect(small.data / "runtime.db")
        found = kept.execute("SELECT id FROM jobs").fetchall()
        kept.close()
        return found

    assert eventually(lambda: rows() == [], 5)
    job_id = small.submit("metadata")
    assert small.ended(job_id).status_code == 200
    assert eventually(lambda: small.http.get(f"/v1/jobs/{job_id}").status_code == 404, 5)
    assert rows() == []


def test_a_shutdown_drains_answers_who_waits_and_leaves_the_rest_to_the_next_service(
    tmp_path: Path, database: tuple[str, ...]
) -> None:
    options = ("--drain-seconds", "1.5", "--time-limit", "60", "--workers", "3")
    server = Server(tmp_path, *database, *options, faulty=True)
    log = tmp_path / "ran"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.analyze, "faulty", options={"sleep": 1})
        quick = server.submit("faulty", options={"sleep": 0.7})
        slow = server.submit("faulty", options={"sleep": 20, "append": str(log), "line": "x"})
        assert eventually(log.exists, 5)
        server.process.send_signal(signal.SIGTERM)
        assert running.result().status_code == 200
    assert server.stop(signal.SIGTERM) == 0
    url = database[1].replace("+psycopg", "") if database else ""
    with closing(psycopg.connect(url) if url else sqlite3.connect(tmp_path / "runtime.db")) as kept:
        rows = dict(kept.execute("SELECT id, state FROM jobs").fetchall())
        tries = kept.execute("SELECT max(tries) FROM jobs WHERE state = 'PENDING'").fetchone()
        counts = kept.execute("SELECT success_count FROM plugins WHERE name = 'faulty'").fetchall()
    assert rows == {quick: "SUCCESS", slow: "PENDING"}
    assert tries == (0,)
    assert counts == [(2,)]
