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
from threading import Lock
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


class Workers:
    """Processes for ``count`` runs at once: ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process."""

    def __init__(self, count: int, time_limit: float, memory_limit: int, runs_per_worker: int) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._runs_per_worker = runs_per_worker
        self._threads = ThreadPoolExecutor(count + 2, "waits-for-worker")
        self._home = tempfile.mkdtemp(prefix="phase12-")
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._is_closed = False

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or ends its worker, ``ValidationError`` if it returns what
        is no JSON object, ``ExecutionError`` if no worker can be started.
        """
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._call, function, payload, plugin_name)
        await asyncio.wait([work], timeout=self._time_limit + _TO_START)
        if not work.done():
            raise ExecutionError("no worker process could be started in time")
        return _read(work.result())

    def _call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> bytes:
        """In a thread of its own."""
        end = monotonic() + self._time_limit
        worker = self._take(plugin_name)
        try:
            if worker is None:
                worker = _Worker(plugin_name, function, self._memory_limit, self._home)
                self._all.add(worker)
            return worker.ask(payload, end)
        except TimeoutError:
            raise PluginError(f"the plugin ran longer than {self._time_limit:g} seconds") from None
        finally:
            if worker is not None:
                self._put_back(worker)

    def _take(self, plugin_name: str) -> _Worker | None:
        for worker in [*self._idle]:
            if worker.plugin_name == plugin_name:
                with suppress(ValueError):  # another thread was faster
                    self._idle.remove(worker)
                    return worker
        return None

    def _put_back(self, worker: _Worker) -> None:
        if worker.is_good and worker.runs < self._runs_per_worker and not self._is_closed:
            self._idle.append(worker)
        else:
            self._end(worker)
        if len(self._idle) > _MOST_IDLE:
            self._end(self._idle.pop(0))

    def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        worker.end()

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in [*self._all]:
            worker.is_good = False
        self._threads.submit(self._end_idle)

    def _end_idle(self) -> None:
        while self._idle:
            self._end(self._idle.pop())

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        self._is_closed = True
        for worker in [*self._all]:
            worker.kill()
        self._end_idle()
        await asyncio.to_thread(self._threads.shutdown)
        shutil.rmtree(self._home, ignore_errors=True)


class _Worker:
    """One process, as the service sees it. Raises ``PluginError`` where the process fails."""

    _context = multiprocessing.get_context("forkserver")
    _context.set_forkserver_preload(_PRELOADED)
    _lock = Lock()  # multiprocessing looks at all processes when one is started

    def __init__(self, plugin_name: str, function: Function, memory_limit: int, home: str) -> None:
        self.plugin_name = plugin_name
        self.runs = 0
        self.is_good = True
        Path(home).mkdir(exist_ok=True)  # whoever tidies up may have taken it
        self._folder = tempfile.mkdtemp(dir=home)
        self._channel, theirs = socket.socketpair()
        arguments = (theirs, bytes(ForkingPickler.dumps(function)), memory_limit, self._folder)
        with theirs, self._lock:
            self._process = self._context.Process(target=serve, args=arguments)
            try:
                self._process.start()
            except Exception as error:
                self._channel.close()
                shutil.rmtree(self._folder, ignore_errors=True)
                raise ExecutionError("no worker process can be started") from error

    def ask(self, payload: dict[str, Any], end: float) -> bytes:
        """What the process answers; raises ``TimeoutError`` if it has not by ``end``."""
        self.is_good, was_good = False, self.is_good
        self.runs += 1
        image = payload.get("image", b"")
        rest = json.dumps({key: value for key, value in payload.items() if key != "image"}).encode("ascii")
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it has ended; what it said first is read all the same
            self._channel.settimeout(max(0.001, end - monotonic()))
            self._channel.sendall(b"".join((TASK.pack(self.runs, len(rest), len(image)), rest, image)))
        number, pid, length = ANSWER.unpack(self._receive(ANSWER.size, end))
        if (number, pid) != (self.runs, self._process.pid) or length > _MOST_ANSWER:
            raise PluginError("the plugin's worker process answered what was not asked")
        answer = self._receive(length, end)
        self.is_good = was_good and answer[:1] in (b"+", b"-")
        return answer

    def _receive(self, size: int, end: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            ready = wait([self._channel, self._process.sentinel], max(0.0, end - monotonic()))
            if not ready:
                raise TimeoutError
            part = b""
            with suppress(ConnectionResetError):
                part = self._channel.recv(size - len(data)) if self._channel in ready else b""
            if not part:
                raise PluginError("the plugin ended its worker process")
            data += part
        return bytes(data)

    def kill(self) -> None:
        """Kill the process, and what it has started in its session."""
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self._process.pid or 0, signal.SIGKILL)

    def end(self) -> None:
        """Kill it, and leave nothing of it."""
        self.kill()
        self._channel.close()
        self._process.join(5)
        with self._lock, suppress(ValueError):  # the kernel may still hold it
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
