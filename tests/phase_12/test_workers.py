"""A run that has not begun is begun again, in another worker; the ends that nobody knows of yet are made here."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Coroutine
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from reference_runtime.errors import ExecutionError
from reference_runtime.isolation import Workers

Act = Callable[[Workers], Coroutine[Any, Any, object]]


def within(act: Act) -> object:
    """What ``act`` gives of workers of its own, one of which is idle."""

    async def whole() -> object:
        workers = Workers(time_limit=10, memory_limit=1 << 30, runs_per_worker=50)
        try:
            assert await workers.call(dict, {"run": 0}, "first") == {"run": 0}
            return await act(workers)
        finally:
            await workers.close()

    return asyncio.run(whole())


def fork_server() -> int:
    return int(vars(forkserver._forkserver)["_forkserver_pid"])


def kill(pid: int) -> None:
    """Returns when the process has ended, and before the event loop hears of it."""
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_a_worker_that_has_ended_while_it_was_idle_fails_no_run() -> None:
    async def act(workers: Workers) -> object:
        process = workers._workers[0].process
        os.kill(process.pid or 0, signal.SIGKILL)
        wait([process.sentinel])
        return await workers.call(dict, {"run": 1}, "first")

    assert within(act) == {"run": 1}


def test_a_worker_that_ends_before_it_reads_its_task_fails_no_run() -> None:
    async def act(workers: Workers) -> object:
        pid = workers._workers[0].process.pid or 0
        os.kill(pid, signal.SIGSTOP)
        asked = asyncio.create_task(workers.call(dict, {"run": 1}, "first"))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        return await asked

    assert within(act) == {"run": 1}


def no_socket() -> None:
    Path(vars(forkserver._forkserver)["_forkserver_address"]).unlink()


@pytest.mark.parametrize("end", [lambda: kill(fork_server()), no_socket], ids=["killed", "no socket"])
def test_a_fork_server_that_is_gone_when_several_workers_start_fails_no_run(end: Callable[[], None]) -> None:
    async def act(workers: Workers) -> object:
        end()
        asked = (workers.call(dict, {"run": number}, f"plugin-{number}") for number in range(6))
        return await asyncio.gather(*asked)

    assert within(act) == [{"run": number} for number in range(6)]


def test_a_folder_that_takes_long_to_clear_holds_up_no_other_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    is_free, clean_up = Event(), tempfile.TemporaryDirectory.cleanup

    def slow(folder: tempfile.TemporaryDirectory[str]) -> None:
        is_free.wait(60)
        clean_up(folder)

    async def act(workers: Workers) -> object:
        workers.retire()
        return await asyncio.wait_for(workers.call(dict, {"run": 1}, "second"), 20)

    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", slow)
    try:
        assert within(act) == {"run": 1}
    finally:
        is_free.set()


def test_a_run_that_no_worker_can_begin_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(workers: Workers) -> object:
        with monkeypatch.context() as changed:
            changed.setattr(tempfile, "tempdir", "/nowhere")
            with pytest.raises(ExecutionError, match="can be started"):
                await workers.call(dict, {}, "second")
        return await workers.call(dict, {"run": 1}, "second")

    assert within(act) == {"run": 1}
