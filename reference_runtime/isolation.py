"""Worker processes in which plugins are imported and run, so that no plugin can take the service down.

A worker serves one plugin and one run at a time. It has a session, a folder and a limit of memory of its own, is
started from a clean server process, and is replaced after some runs and after every end that is not an ordinary one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from reference_runtime.errors import ExecutionError, PluginError, ValidationError
from reference_runtime.validation import MOST_OUTPUT
from reference_runtime.worker import ANSWER, TASK, Function, serve

_LOG = logging.getLogger(__name__)
_PRELOADED = [f"reference_runtime.{each}" for each in ("worker", "plugins.discovery", "plugins.pictures")]
_MOST_ANSWER = MOST_OUTPUT + (128 << 10)
_MOST_IDLE = 8
_MOST_START = 20.0
_LAST_WORDS = 0.05


class Workers:
    """Processes that run plugins: ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process."""

    def __init__(self, time_limit: float, memory_limit: int, runs_per_worker: int) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._runs_per_worker = runs_per_worker
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._starter = ThreadPoolExecutor(
            1, "starts-workers"
        )  # what multiprocessing keeps is for one thread
        self._home = tempfile.mkdtemp(prefix="phase12-")
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self.reason = ""
        """Why no worker could be started when one was wanted last."""

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or ends its worker, ``ValidationError`` if it returns what
        is no JSON object, ``ExecutionError`` if no worker can be started.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._time_limit
        worker = next((each for each in self._idle if each.plugin_name == plugin_name and each.is_good), None)
        if worker is not None:
            self._idle.remove(worker)
        else:
            worker = await self._start(function, plugin_name)
        try:
            answer = await worker.ask(payload, end - loop.time())
        except asyncio.TimeoutError:
            raise PluginError(f"the plugin ran longer than {self._time_limit:g} seconds") from None
        finally:
            self._put_back(worker)
        return _read(answer)

    def _put_back(self, worker: _Worker) -> None:
        if worker.is_good and worker.runs < self._runs_per_worker:
            self._idle.append(worker)
        else:
            worker.kill()
        if len(self._idle) > _MOST_IDLE:
            self._idle.pop(0).kill()

    async def _start(self, function: Function, plugin_name: str) -> _Worker:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        try:
            work = loop.run_in_executor(
                self._starter, self._fork, theirs, bytes(ForkingPickler.dumps(function))
            )
            process, folder = await asyncio.wait_for(asyncio.shield(work), _MOST_START)
            self.reason = ""
        except BaseException as error:
            ours.close()  # which ends what may still be started
            if not isinstance(error, Exception):
                raise
            self.reason = f"no worker process can be started ({type(error).__name__})"
            raise ExecutionError(self.reason) from error
        finally:
            theirs.close()
        worker = _Worker(plugin_name, process, lambda: self._bury(worker, folder))
        self._all.add(worker)
        await loop.create_connection(lambda: worker, sock=ours)
        return worker

    def _fork(self, channel: socket.socket, function: bytes) -> tuple[BaseProcess, str]:
        """In a thread, for starting may mean to start the server process anew."""
        Path(self._home).mkdir(exist_ok=True)  # whoever tidies up may have taken it
        folder = tempfile.mkdtemp(dir=self._home)
        process = self._context.Process(target=serve, args=(channel, function, self._memory_limit, folder))
        process.start()
        return process, folder

    def _bury(self, worker: _Worker, folder: str) -> None:
        """The process of ``worker`` has ended."""
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)

        def clean() -> None:
            worker.process.join(0)
            worker.process.close()

        self._starter.submit(clean)
        asyncio.get_running_loop().run_in_executor(None, lambda: shutil.rmtree(folder, ignore_errors=True))

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in self._all:
            worker.is_good = False
        for worker in [*self._idle]:
            worker.kill()
        self._idle.clear()

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        for worker in [*self._all]:
            worker.kill()
        for _ in range(100):
            if self._all:
                await asyncio.sleep(0.02)
        await asyncio.to_thread(self._starter.shutdown)
        shutil.rmtree(self._home, ignore_errors=True)


class _Worker(asyncio.Protocol):
    """One process, as the service sees it; ``ended`` is called once, when the process is there no more."""

    def __init__(self, plugin_name: str, process: BaseProcess, ended: Callable[[], None]) -> None:
        self.plugin_name = plugin_name
        self.process = process
        self.runs = 0
        self.is_good = True
        self._ended = ended
        self._pid = process.pid or 0
        self._buffer = bytearray()
        self._is_killed = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[bytes] = self._loop.create_future()
        self._answer.cancel()
        self._loop.add_reader(process.sentinel, self._end)

    async def ask(self, payload: dict[str, Any], seconds: float) -> bytes:
        """What the worker answers; raises ``asyncio.TimeoutError`` after ``seconds``, and the worker is killed."""
        self.runs += 1
        self._answer = self._loop.create_future()
        image = payload.get("image", b"")
        rest = json.dumps({key: value for key, value in payload.items() if key != "image"}).encode("ascii")
        if self._transport is None or self._is_killed:
            self._lose()
        else:
            self._transport.write(b"".join((TASK.pack(self.runs, len(rest), len(image)), rest, image)))
        timer = self._loop.call_later(seconds, self._expire)
        try:
            return await self._answer
        finally:
            timer.cancel()
            if self._answer.cancelled():  # nobody waits for it any more
                self.kill()

    def _expire(self) -> None:
        if not self._answer.done():
            self._answer.set_exception(asyncio.TimeoutError())
        self.kill()

    def _lose(self) -> None:
        if not self._answer.done():
            self._answer.set_exception(PluginError("the plugin ended its worker process"))
        self.kill()

    def kill(self) -> None:
        """End the process, and what it has started in its session."""
        self.is_good = False
        self._is_killed = True
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self._pid, signal.SIGKILL)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) < ANSWER.size and not self._answer.done():
            return
        number, pid, length = ANSWER.unpack_from(self._buffer.ljust(ANSWER.size))
        whole = ANSWER.size + length
        if self._answer.done() or (number, pid) != (self.runs, self._pid) or length > _MOST_ANSWER:
            _LOG.warning("a worker of %s answered what was not asked: it is ended", self.plugin_name)
            self._lose()
        elif len(self._buffer) >= whole:
            answer = bytes(self._buffer[ANSWER.size : whole])
            del self._buffer[:whole]
            self.is_good = self.is_good and answer[:1] in (b"+", b"-") and not self._buffer
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose()

    def _end(self) -> None:
        """The process has ended, whatever its status; what it said last may still be on its way."""
        self._loop.remove_reader(self.process.sentinel)
        self._loop.call_later(_LAST_WORDS, self._lose)
        self._ended()


def _read(answer: bytes) -> Any:
    """The output in ``answer``; raises what it says went wrong. A worker may say anything at all."""
    try:
        said = json.loads(answer[1:])
        kind, message, trace = ("", "", "") if answer[:1] == b"+" else map(str, said)
    except (ValueError, TypeError, RecursionError):
        raise PluginError("the plugin's worker process answered what cannot be read") from None
    if answer[:1] == b"+":
        return said
    raised = (ValidationError if kind == "ValidationError" else PluginError)(message)
    raise raised from PluginError(trace)
