"""Worker processes in which plugins are imported and run, so that no plugin can take the service down.

A worker serves one plugin and one run at a time. It has a session, a folder and a limit of memory of its own, is
started from a clean server process, and is replaced after some runs and after every end that is not an ordinary one.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler
from tempfile import TemporaryDirectory
from typing import Any

from anyio import fail_after

from reference_runtime.errors import ExecutionError, PluginError, ValidationError
from reference_runtime.validation import MOST_OUTPUT
from reference_runtime.worker import ANSWER, TASK, Function, serve

_CONTEXT = multiprocessing.get_context("forkserver")
_PILLOW = ("ImageStat", "ExifTags", *(f"{each}ImagePlugin" for each in ("Bmp", "Gif", "Jpeg", "Ppm", "Png")))
_OURS = ("reference_runtime.worker", "reference_runtime.plugins.discovery")
_CONTEXT.set_forkserver_preload([*_OURS, *(f"PIL.{each}" for each in _PILLOW)])
_MOST_ANSWER = MOST_OUTPUT + (128 << 10)
_MOST_IDLE = 8


class Workers:
    """Processes that run plugins: ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process."""

    def __init__(self, time_limit: float, memory_limit: int, runs_per_worker: int) -> None:
        self._time_limit, self._memory_limit, self._most_runs = time_limit, memory_limit, runs_per_worker
        self._starter = ThreadPoolExecutor(1, "workers")  # what multiprocessing keeps is for one thread
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self.running = Counter[str]()

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or ends its worker, ``ValidationError`` if it returns what
        is no JSON object, ``ExecutionError`` if no worker can be started.
        """
        worker: _Worker | None = None
        self.running[plugin_name] += 1
        try:
            with fail_after(self._time_limit):
                while worker := next((each for each in self._idle if each.plugin_name == plugin_name), None):
                    self._idle.remove(worker)
                    if worker.lives():
                        break
                    self._end(worker)
                worker = worker or await self._start(function, plugin_name)
                return _read(await worker.ask(payload))
        except TimeoutError:
            raise PluginError(f"the plugin ran longer than {self._time_limit:g} seconds") from None
        finally:
            self.running[plugin_name] -= 1
            if worker is not None and worker.is_good and worker.runs < self._most_runs:
                self._idle.append(worker)
            elif worker is not None:
                self._end(worker)
            if len(self._idle) > _MOST_IDLE:
                self._end(self._idle.pop(0))

    async def _start(self, function: Function, plugin_name: str) -> _Worker:
        arguments = (plugin_name, bytes(ForkingPickler.dumps(function)), self._memory_limit)
        try:
            worker = await asyncio.get_running_loop().run_in_executor(self._starter, _Worker, *arguments)
        except (OSError, EOFError) as error:
            raise ExecutionError("no worker process can be started") from error
        self._all.add(worker)
        await worker.open()
        return worker

    def _end(self, worker: _Worker) -> None:
        if worker in self._all:  # else it was ended while it ran
            self._all.remove(worker)
            worker.kill()
            self._starter.submit(worker.clean_up)

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in self._all:
            worker.runs = self._most_runs
        while self._idle:
            self._end(self._idle.pop())

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        for worker in [*self._all]:
            self._end(worker)
        await asyncio.to_thread(self._starter.shutdown)


class _Worker:
    """One process, as the service sees it. To be made and cleaned up in a thread, for that may take a while."""

    def __init__(self, plugin_name: str, function: bytes, memory_limit: int) -> None:
        self.plugin_name, self.runs, self.is_good = plugin_name, 0, True
        self._folder = TemporaryDirectory(prefix="phase12-", ignore_cleanup_errors=True)
        self._channel, theirs = socket.socketpair()
        with theirs:
            arguments = (theirs, function, memory_limit, self._folder.name)
            self._process = _CONTEXT.Process(target=serve, args=arguments)
            self._process.start()

    async def open(self) -> None:
        """Watch the channel, and the sentinel: it tells that the process has ended, whatever its status."""
        self._reader, self._writer = await asyncio.open_connection(sock=self._channel)
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._hang_up)

    async def ask(self, payload: dict[str, Any]) -> bytes:
        """What the process answers to one run. Raises ``PluginError`` if it ends, or answers anything else."""
        self.is_good, self.runs = False, self.runs + 1
        number, image = self.runs, payload.get("image", b"")
        rest = json.dumps({key: value for key, value in payload.items() if key != "image"}).encode("ascii")
        self._writer.write(b"".join((TASK.pack(number, len(rest), len(image)), rest, image)))
        try:
            said, pid, length = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
            if (said, pid) != (number, self._process.pid) or length > _MOST_ANSWER:
                raise PluginError("the plugin's worker process answered what was not asked")
            answer = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise PluginError("the plugin ended its worker process") from None
        self.is_good = answer[:1] in (b"+", b"-")
        return answer

    def lives(self) -> bool:
        """Whether the process is there and speaks."""
        return not self._reader.at_eof()

    def _hang_up(self) -> None:
        """Read what was said, and then the end of it."""
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        with suppress(OSError):  # it may be closed already
            self._channel.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        """Kill the process, and what it has started in its session."""
        self._hang_up()
        self._writer.transport.abort()
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self._process.pid or 0, signal.SIGKILL)

    def clean_up(self) -> None:
        """Leave nothing of it."""
        self._process.join(5)
        with suppress(ValueError):  # the kernel may still hold it
            self._process.close()
        self._folder.cleanup()


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
