"""Worker processes in which plugins are imported and run, so that no plugin can take the service down.

A worker serves one plugin and one run at a time. It has a session, a folder and a limit of memory of its own, is
started from a clean server process, and is replaced after some runs and after every end that is not an ordinary one.
"""

import asyncio
import json
import logging
import multiprocessing
import os
import pickle
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import get_temp_dir
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from reference_runtime.errors import ExecutionError, PluginError, ValidationError
from reference_runtime.validation import MOST_OUTPUT
from reference_runtime.worker import ANSWER, TASK, Function, serve

_CONTEXT = multiprocessing.get_context("forkserver")
_PILLOW = ("ImageStat", "ExifTags", *(f"{each}ImagePlugin" for each in ("Bmp", "Gif", "Jpeg", "Ppm", "Png")))
_OURS = ("reference_runtime.worker", "reference_runtime.plugins.discovery")
_CONTEXT.set_forkserver_preload([*_OURS, *(f"PIL.{each}" for each in _PILLOW)])
_MOST_ANSWER = MOST_OUTPUT + (128 << 10)
_MOST_IDLE = 8
_MOST_START = 10.0  # seconds; then the server process is replaced
_MOST_TRIES = 3  # to begin a run


class _Worker:
    """One process, as the service sees it. To be made and cleaned up in a thread, for that may take a while."""

    def __init__(self, plugin_name: str, function: bytes, memory_limit: int) -> None:
        self.plugin_name, self.runs, self.has_ended = plugin_name, 0, False
        self._folder = TemporaryDirectory(prefix="phase12-", ignore_cleanup_errors=True)
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        with theirs:
            arguments = (theirs, function, memory_limit, self._folder.name)
            self.process = _CONTEXT.Process(target=serve, args=arguments)
            late = Timer(_MOST_START, _end_fork_server)
            late.start()
            try:
                self.process.start()
            except (OSError, EOFError):
                _end_fork_server()
                self._channel.close()
                self._folder.cleanup()
                raise
            finally:
                late.cancel()

    async def ask(self, payload: dict[str, Any], seconds: float) -> bytes | None:
        """What the process answers to one run; None if it ended before it had read what is asked.

        Raises ``PluginError`` if it ends later, is late, or says what is no answer.
        """
        self.runs += 1
        number, answer, loop = self.runs, b"", asyncio.get_running_loop()
        late = loop.call_later(seconds, self.kill)
        try:
            task = pickle.dumps(payload)
            await loop.sock_sendall(self._channel, TASK.pack(number, len(task)) + task)
            heard = await self._receive(b"", ANSWER.size)
            said, pid, length = ANSWER.unpack_from(heard)
            if (said, pid) != (number, self.process.pid) or length > _MOST_ANSWER:
                raise PluginError("the plugin's worker process answered what was not asked")
            answer = (await self._receive(heard, ANSWER.size + length))[ANSWER.size :]
            return answer
        except (ConnectionError, EOFError) as error:
            if loop.time() >= late.when():
                raise PluginError(f"the plugin ran longer than {seconds:g} seconds") from None
            if isinstance(error, ConnectionError):  # the kernel tells the two ends apart
                return None
            raise PluginError("the plugin ended its worker process") from None
        finally:
            late.cancel()
            if answer[:1] not in (b"+", b"-") or len(answer) > length:
                self.kill()

    async def _receive(self, heard: bytes, size: int) -> bytes:
        """``heard`` and what comes after it, at least ``size`` bytes together."""
        while len(heard) < size:
            part = await asyncio.get_running_loop().sock_recv(self._channel, 1 << 16)
            if not part:
                raise EOFError
            heard += part
        return heard

    def kill(self) -> None:
        """Kill the process, and what it has started in its session. What it has said can still be read."""
        self.has_ended = True
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self.process.pid or 0, signal.SIGKILL)

    def clean_up(self) -> None:
        """Leave nothing of it."""
        self._channel.close()
        self.process.join(5)
        with suppress(ValueError):  # the kernel may still hold it
            self.process.close()
        self._folder.cleanup()


def _end_fork_server() -> None:
    """A new one is started with the next worker."""
    Path(get_temp_dir()).mkdir(exist_ok=True)  # its socket's, which a cleaner of old files may have taken
    with suppress(TypeError, ProcessLookupError, ChildProcessError):
        pid = vars(forkserver._forkserver)["_forkserver_pid"]
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # until then it is taken for one that lives


def _read(answer: bytes) -> Any:
    """The output in ``answer``; raises what it says went wrong. A worker may say anything at all."""
    try:
        said = json.loads(answer[1:])
        if answer[:1] == b"+":
            return said
        kind, message, trace = map(str, said)
    except (ValueError, TypeError, RecursionError):
        raise PluginError("the plugin's worker process answered what cannot be read") from None
    raise (ValidationError if kind == "ValidationError" else PluginError)(message) from PluginError(trace)


class Workers:
    """Processes that run plugins: ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process."""

    def __init__(self, time_limit: float, memory_limit: int, runs_per_worker: int) -> None:
        self._time_limit, self._memory_limit, self._most_runs = time_limit, memory_limit, runs_per_worker
        self._thread = ThreadPoolExecutor(1, "workers")  # what multiprocessing keeps is for one thread
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []

    def is_running(self, plugin_name: str) -> bool:
        """Whether a run of that plugin is in flight."""
        return any(each.plugin_name == plugin_name for each in self._busy)

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or ends its worker, ``ValidationError`` if it returns what
        is no JSON object, ``ExecutionError`` if no worker could begin it. What has begun is not tried again.
        """
        worker = next((each for each in self._idle if each.plugin_name == plugin_name), None)
        for _ in range(_MOST_TRIES):
            worker = worker or await self._start(bytes(ForkingPickler.dumps(function)), plugin_name)
            answer = await self._ask(worker, payload) if worker else None
            if answer is not None:
                return _read(answer)
            worker = None
        raise ExecutionError("no worker process can be started")

    async def _start(self, function: bytes, plugin_name: str) -> _Worker | None:
        arguments, loop = (plugin_name, function, self._memory_limit), asyncio.get_running_loop()
        try:
            worker = await loop.run_in_executor(self._thread, _Worker, *arguments)
        except (OSError, EOFError) as error:
            logging.warning("a worker process could not be started: %r", error)
            return None
        self._idle.append(worker)
        loop.add_reader(worker.process.sentinel, self._end, worker)  # it has ended, whatever its status
        return worker

    async def _ask(self, worker: _Worker, payload: dict[str, Any]) -> bytes | None:
        self._idle.remove(worker)
        self._busy.append(worker)
        try:
            return await worker.ask(payload, self._time_limit)
        finally:
            self._busy.remove(worker)
            self._idle.append(worker)
            if worker.has_ended or worker.runs >= self._most_runs:
                self._end(worker)
            elif len(self._idle) > _MOST_IDLE:
                self._end(self._idle[0])

    def _end(self, worker: _Worker) -> None:
        """Kill it; who asks it hears that at once."""
        asyncio.get_running_loop().remove_reader(worker.process.sentinel)
        worker.kill()
        if worker in self._idle:
            self._idle.remove(worker)
            self._thread.submit(worker.clean_up)

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in self._busy:
            worker.runs = self._most_runs
        for worker in [*self._idle]:
            self._end(worker)

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        while ending := [*self._idle, *self._busy]:
            for worker in ending:
                self._end(worker)
            await asyncio.sleep(0.01)
        _end_fork_server()
        await asyncio.to_thread(self._thread.shutdown)
