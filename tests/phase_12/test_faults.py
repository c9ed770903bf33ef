"""Every fault: what comes back, that the next call works, and that the counts are exact."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults import ALL, TABLE, Fault, meet, table
from tests.faulty_plugins.faults import LASTING
from tests.runtime_server import Server, eventually, lives, png

ROWS = TABLE.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_fault_is_answered_counted_and_survived_as_the_table_says(faulty: Server, fault: Fault) -> None:
    assert meet(faulty, fault) in ROWS


def test_the_table_holds_every_fault_and_no_other() -> None:
    rows = [row for row in ROWS if row.startswith("| ") and not row.startswith("| fault ")]
    assert "\n".join(ROWS) == table(rows)
    assert [row.split(" | ")[0] for row in rows] == [f"| {fault.name}" for fault in ALL]


@pytest.mark.parametrize("fault", ["os._exit(0)", "os._exit", "execs a program that ends with 0"])
def test_ten_workers_that_end_one_after_the_other_are_no_harm(faulty: Server, fault: str) -> None:
    before = faulty.counts("faulty")
    for _ in range(10):
        assert faulty.analyze("faulty", options={"fault": fault}).status_code == 400
    assert faulty.analyze("faulty").status_code == 200
    assert faulty.counts("faulty") == (before[0] + 1, before[1] + 10)
    assert faulty.holdings()[1] == 0


@pytest.mark.parametrize("lasting", LASTING)
def test_what_one_plugin_leaves_behind_harms_no_other(faulty: Server, lasting: str) -> None:
    """Four callers of another plugin and four of the bad one: nobody gets what is another's."""
    hashed = faulty.analyze("perceptual-hash").json()
    described = faulty.analyze("metadata").json()

    def call(number: int) -> bool:
        if number % 4 == 0:
            faulty.analyze("faulty", options={"lasting": lasting})
        plugin, expected = [("metadata", described), ("perceptual-hash", hashed)][number % 2]
        return bool(faulty.analyze(plugin).json() == expected)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(call, range(40)))

    def is_well_again() -> bool:  # as soon as its workers are new ones
        ended = faulty.analyze("faulty", options={"fault": "os._exit"}).status_code == 400
        return ended and faulty.analyze("faulty").json().get("result") == {} and faulty.holdings()[1] == 0

    assert eventually(is_well_again, 5)


def test_a_child_that_returns_answers_for_nobody(faulty: Server) -> None:
    answers = [
        faulty.analyze("faulty", options={"lasting": "forks, and the child returns, too"}) for _ in range(5)
    ]
    assert [answer.json()["result"] for answer in answers] == [{"from": "the plugin"}] * 5


def test_an_answer_too_many_is_nobody_s(faulty: Server) -> None:
    for _ in range(5):
        first = faulty.analyze("faulty", options={"lasting": "answers a run twice"})
        assert first.json()["result"] == {"first": 1}
        assert eventually(lambda: "R" not in faulty.family().values(), 5)  # it has said the second, too
        assert faulty.analyze("faulty").json() == {"result": {}, "plugin": "faulty"}


def test_memory_that_a_plugin_keeps_is_its_own_and_ends_with_its_worker(faulty: Server) -> None:
    codes = [
        faulty.analyze("faulty", options={"lasting": "keeps memory in a global"}).status_code
        for _ in range(8)
    ]
    assert 400 in codes  # it has met its limit; and the next worker is a new one
    assert codes[codes.index(400) + 1] == 200
    big = faulty.analyze("statistics", image=png(3000, 3000))
    assert big.status_code == 200, big.text


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One worker that is replaced after three runs, and a short queue."""
    options = ("--workers", "1", "--runs-per-worker", "3", "--most-waiting", "6", "--most-waiting-mib", "8")
    server = Server(tmp_path_factory.mktemp("tight"), *options, faulty=True)
    yield server
    assert server.stop() == 0


def test_a_worker_is_replaced_after_its_runs(tight: Server) -> None:
    seen = set()
    for _ in range(9):
        assert tight.analyze("metadata").status_code == 200
        seen |= set(tight.workers())
    assert 2 <= len(seen) <= 3  # the last run of each ends it
    assert eventually(lambda: tight.holdings()[1] == 0, 5)


def test_a_fork_server_that_is_killed_is_started_anew(faulty: Server) -> None:
    faulty.analyze("metadata")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(faulty.analyze, "faulty", options={"sleep": 1})
        assert eventually(lambda: faulty.plugin("faulty")["state"] == "RUNNING", 5)
        os.kill(faulty.fork_server(), signal.SIGKILL)
        assert running.result().status_code in (200, 400)
    assert eventually(lambda: faulty.analyze("metadata").status_code == 200, 10)
    assert faulty.analyze("faulty").status_code == 200
    assert eventually(lambda: faulty.holdings()[1] == 0, 5)


class Impatient(Server):
    """Waits a second for a worker to start, and not ten."""

    program = (
        "-c",
        "from reference_runtime import __main__, isolation; isolation._MOST_START = 1; __main__.main()",
    )


def test_a_fork_server_that_hangs_and_a_cleaner_of_temporary_files_end_no_service_and_hold_up_no_shutdown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    server = Impatient(tmp_path, faulty=True)
    try:
        assert server.analyze("metadata").status_code == 200
        for each in temporary.iterdir():
            shutil.rmtree(each)
        assert server.analyze("faulty").status_code == 200
        assert server.analyze("metadata").status_code == 200
        os.kill(server.fork_server(), signal.SIGSTOP)
        assert server.analyze("statistics").status_code == 200  # begun again, with a new one
        assert server.counts("statistics") == (1, 0)
        assert server.analyze("metadata").status_code == 200
        os.kill(server.fork_server(), signal.SIGSTOP)
    finally:
        assert server.stop() == 0


def test_who_asks_whether_it_is_ready_starts_no_crowd_of_processes(faulty: Server) -> None:
    faulty.http.get("/readyz")
    before = faulty.holdings()[0]
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(faulty.http.get, "/readyz") for _ in range(60)]
        most = 0
        while not all(each.done() for each in asked):
            most = max(most, faulty.holdings()[0])
        assert {each.result().status_code for each in asked} == {200}
    assert most <= before + 2


def test_a_worker_that_is_killed_from_outside_fails_its_own_run_only(faulty: Server) -> None:
    faulty.analyze("metadata")
    idle = set(faulty.workers())
    before = faulty.counts("faulty")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            faulty.analyze, "faulty", options={"sleep": 2, "append": str(faulty.data / "w"), "line": 1}
        )
        assert eventually((faulty.data / "w").exists, 5)
        for pid in {*idle, *faulty.workers()}:
            os.kill(pid, signal.SIGKILL)
        answer = running.result()
    assert answer.json()["detail"]["message"] == "the plugin ended its worker process"
    assert faulty.counts("faulty") == (before[0], before[1] + 1)
    assert eventually(lambda: faulty.analyze("metadata").status_code == 200, 5)
    assert faulty.analyze("faulty").status_code == 200


def test_what_a_plugin_prints_is_no_record_of_the_log(faulty: Server) -> None:
    faulty.analyze("faulty", options={"print": "CRITICAL all keys are lost"})
    assert "all keys are lost" not in (faulty.data / "log").read_text()


def test_a_time_limit_ends_grandchildren_too(faulty: Server, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    answer = faulty.analyze("faulty", options={"grandchild": str(told)})
    assert answer.status_code == 400
    assert "longer than" in answer.json()["detail"]["message"]
    assert len(told.read_text().split()) == 2  # one is in a group of its own
    assert eventually(lambda: not any(lives(int(pid)) for pid in told.read_text().split()), 5)
    assert faulty.analyze("faulty").status_code == 200


def test_a_time_limit_does_not_count_the_wait_in_the_queue(faulty: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: faulty.analyze("faulty", options={"sleep": 0.8}), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8


def test_a_full_queue_answers_at_once(tight: Server) -> None:
    before = tight.counts("faulty")
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: tight.analyze("faulty", options={"sleep": 0.3}), range(24)))
    refused = [answer for answer in answers if answer.status_code == 400]
    assert {answer.status_code for answer in answers} == {200, 400}
    assert {answer.json()["detail"]["type"] for answer in refused} == {"ExecutionError"}
    assert {answer.json()["detail"]["message"] for answer in refused} == {
        "too many runs are waiting; try again later"
    }
    assert tight.counts("faulty") == (
        before[0] + 24 - len(refused),
        before[1],
    )  # it is no error of the plugin
    assert tight.plugin("faulty")["state"] == "INITIALIZED"
    assert tight.analyze("faulty").status_code == 200


def test_a_queue_is_full_of_bytes_too(tight: Server) -> None:
    large: dict[str, Any] = {"image": os.urandom(3 << 20), "mime_type": "application/x-noise"}
    options = {"sleep": 0.5, "more": "x" * (4 << 20)}
    for body in ({**large, "options": {"sleep": 0.5}}, {"options": options}):
        with ThreadPoolExecutor(6) as pool:
            answers = [*pool.map(lambda number, body=body: tight.analyze("faulty", **body), range(6))]
        said = {answer.json()["detail"]["message"] for answer in answers if answer.status_code == 400}
        assert said == {"too much is being sent; try again later"}
    assert tight.analyze("faulty").status_code == 200


def test_time_is_the_run_s_own(faulty: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: faulty.analyze("faulty", options={"sleep": 0.3}), range(8)))
    assert 300 <= faulty.plugin("faulty")["last_execution_time_ms"] < 700


def test_200_parallel_calls_of_which_80_crash(faulty: Server) -> None:
    before = faulty.counts("faulty")
    crashing = [number % 5 < 2 for number in range(200)]

    def call(crash: bool) -> int:
        options = {"fault": "os._exit"} if crash else {}
        return faulty.analyze("faulty", options=options).status_code

    with ThreadPoolExecutor(200) as pool:
        codes = list(pool.map(call, crashing))
    assert codes == [400 if crash else 200 for crash in crashing]
    after = faulty.counts("faulty")
    assert (after[0] - before[0], after[1] - before[1]) == (120, 80)
