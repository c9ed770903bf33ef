"""Worker processes in which plugins are imported and run, so that no plugin can take the service down.

A worker serves one plugin and one run at a time. It has a session, a folder and a limit of memory of its own, is
started from a clean server process, and is replaced after some runs and after every end that is not an ordinary one.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from time import monotonic
from typing import Any

from reference_runtime.errors import ExecutionError, PluginError, ValidationError
from reference_runtime.validation import MOST_OUTPUT
from reference_runtime.worker import ANSWER, TASK, Function, serve

_PRELOADED = [
    "reference_runtime.worker",
    "reference_runtime.plugins.discovery",
    "PIL.ImageStat",
    "PIL.ExifTags",
]
_PRELOADED += [f"PIL.{each}ImagePlugin" for each in ("Bmp", "Gif", "Jpeg", "Ppm", "Png")]
_MOST_ANSWER = MOST_OUTPUT + (128 << 10)
_MOST_IDLE = 8
_TO_START = 10.0
_OFTEN = 0.05


class Workers:
    """Processes that run plugins: ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process."""

    def __init__(self, time_limit: float, memory_limit: int, runs_per_worker: int) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._runs_per_worker = runs_per_worker
        self._starter = ThreadPoolExecutor(
            1, "starts-workers"
        )  # what multiprocessing keeps is for one thread
        self._home = tempfile.mkdtemp(prefix="phase12-")
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or ends its worker, ``ValidationError`` if it returns what
        is no JSON object, ``ExecutionError`` if no worker can be started.
        """
        end = monotonic() + self._time_limit
        worker = self._take(plugin_name) or await self._start(function, plugin_name)
        try:
            return _read(await worker.ask(payload, max(0.0, end - monotonic())))
        except TimeoutError:
            raise PluginError(f"the plugin ran longer than {self._time_limit:g} seconds") from None
        finally:
            if worker.is_good and worker.runs < self._runs_per_worker:
                self._idle.append(worker)
            else:
                self._end(worker)
            if len(self._idle) > _MOST_IDLE:
                self._end(self._idle.pop(0))

    def _take(self, plugin_name: str) -> _Worker | None:
        for worker in [each for each in self._idle if each.plugin_name == plugin_name]:
            self._idle.remove(worker)
            if worker.lives():
                return worker
            self._end(worker)
        return None

    async def _start(self, function: Function, plugin_name: str) -> _Worker:
        loop = asyncio.get_running_loop()
        arguments = (plugin_name, bytes(ForkingPickler.dumps(function)), self._memory_limit, self._home)
        work = loop.run_in_executor(self._starter, _Worker, *arguments)
        await asyncio.wait([work], timeout=_TO_START)
        if not work.done() or work.exception() is not None:
            raise ExecutionError("no worker process can be started") from (
                work.exception() if work.done() else None
            )
        self._all.add(work.result())
        return work.result()

    def _end(self, worker: _Worker) -> None:
        if worker not in self._all:  # it was ended while it ran
            return
        self._all.remove(worker)
        worker.kill()
        asyncio.get_running_loop().call_soon(self._starter.submit, worker.clean_up)

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in self._all:
            worker.is_good = False
        while self._idle:
            self._end(self._idle.pop())

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        for worker in [*self._all]:
            self._end(worker)
        await asyncio.sleep(0)
        await asyncio.to_thread(self._starter.shutdown)
        shutil.rmtree(self._home, ignore_errors=True)


class _Worker:
    """One process, as the service sees it."""

    _context = multiprocessing.get_context("forkserver")
    _context.set_forkserver_preload(_PRELOADED)

    def __init__(self, plugin_name: str, function: bytes, memory_limit: int, home: str) -> None:
        self.plugin_name = plugin_name
        self.runs = 0
        self.is_good = True
        self._is_late = False
        Path(home).mkdir(exist_ok=True)  # whoever tidies up may have taken it
        self._folder = tempfile.mkdtemp(dir=home)
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        with theirs:
            self._process = self._context.Process(
                target=serve, args=(theirs, function, memory_limit, self._folder)
            )
            self._process.start()

    async def ask(self, payload: dict[str, Any], seconds: float) -> bytes:
        """What the process answers. Raises ``TimeoutError`` after ``seconds``, ``PluginError`` if the process ends."""
        loop = asyncio.get_running_loop()
        self.is_good, was_good = False, self.is_good
        self.runs += 1
        image = payload.get("image", b"")
        rest = json.dumps({key: value for key, value in payload.items() if key != "image"}).encode("ascii")
        self._watch(loop.time() + seconds)
        try:
            with suppress(ConnectionError):  # it has ended; what it said first is read all the same
                task = b"".join((TASK.pack(self.runs, len(rest), len(image)), rest, image))
                await loop.sock_sendall(self._channel, task)
            number, pid, length = ANSWER.unpack(await self._receive(ANSWER.size))
            if (number, pid) != (self.runs, self._process.pid) or length > _MOST_ANSWER:
                raise PluginError("the plugin's worker process answered what was not asked")
            answer = await self._receive(length)
        finally:
            self._timer.cancel()
        self.is_good = was_good and answer[:1] in (b"+", b"-")
        return answer

    async def _receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = b""
            with suppress(ConnectionError):
                part = await asyncio.get_running_loop().sock_recv(self._channel, size - len(data))
            if not part:
                raise TimeoutError if self._is_late else PluginError("the plugin ended its worker process")
            data += part
        return bytes(data)

    def _watch(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(min(end, loop.time() + _OFTEN), self._look, end)

    def _look(self, end: float) -> None:
        """Hang up if time is over, or the process has ended, whatever its status; what it said last is read still."""
        self._is_late = asyncio.get_running_loop().time() >= end
        if self._is_late or not self.lives():
            self._hang_up()
        else:
            self._watch(end)

    def _hang_up(self) -> None:
        with suppress(OSError):  # it may be closed already
            self._channel.shutdown(socket.SHUT_RDWR)

    def lives(self) -> bool:
        """Whether the process is there, as far as its sentinel knows."""
        return not wait([self._process.sentinel], 0)

    def kill(self) -> None:
        """Kill the process, and what it has started in its session."""
        self._hang_up()
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self._process.pid or 0, signal.SIGKILL)

    def clean_up(self) -> None:
        """Leave nothing of it. In a thread, for this may take a while."""
        self._channel.close()
        self._process.join(5)
        with suppress(ValueError):  # the kernel may still hold it
            self._process.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(answer: bytes) -> Any:
    """The output in ``answer``; raises what it says went wrong. A worker may say anything at all."""
    try:
        said = json.loads(answer[1:])
        kind, message, trace = ("", "", "") if answer[:1] == b"+" else map(str, said)
    except (ValueError, TypeError, RecursionError):
        raise PluginError("the plugin's worker process answered what cannot be read") from None
    if answer[:1] == b"+":
        return said
    raise (ValidationError if kind == "ValidationError" else PluginError)(message) from PluginError(trace)
