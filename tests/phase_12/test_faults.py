"""Every fault: what comes back, that the next call works, and that the counts are exact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults import ALL, TABLE, Fault, meet, table
from tests.runtime_server import Server, eventually, lives

ROWS = TABLE.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_fault_is_answered_counted_and_survived_as_the_table_says(faulty: Server, fault: Fault) -> None:
    assert meet(faulty, fault) in ROWS


def test_the_table_holds_every_fault_and_no_other() -> None:
    rows = [row for row in ROWS if row.startswith("| ") and not row.startswith("| fault ")]
    assert "\n".join(ROWS) == table(rows)
    assert [row.split(" | ")[0] for row in rows] == [f"| {fault.name}" for fault in ALL]


def test_a_time_limit_ends_grandchildren_too(faulty: Server, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    answer = faulty.analyze("faulty", options={"grandchild": str(told)})
    assert answer.status_code == 400
    assert "longer than" in answer.json()["detail"]["message"]
    assert eventually(lambda: not lives(int(told.read_text())), 5)
    assert faulty.analyze("faulty").status_code == 200


def test_a_time_limit_does_not_count_the_wait_in_the_queue(faulty: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: faulty.analyze("faulty", options={"sleep": 0.8}), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8


def test_a_full_queue_answers_at_once(tmp_path: Path) -> None:
    server = Server(tmp_path, "--most-waiting", "8", faulty=True)
    try:
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: server.analyze("faulty", options={"sleep": 1}), range(32)))
        refused = [answer for answer in answers if answer.status_code == 400]
        assert {answer.status_code for answer in answers} == {200, 400}
        assert {answer.json()["detail"]["type"] for answer in refused} == {"ExecutionError"}
        assert {answer.json()["detail"]["message"] for answer in refused} == {
            "too many runs are waiting; try again later"
        }
        assert server.counts("faulty") == (32 - len(refused), len(refused))
        assert server.analyze("faulty").status_code == 200
    finally:
        server.stop()


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
