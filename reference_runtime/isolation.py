"""Worker processes in which plugins run, so that no plugin can take the service down.

pebble starts the processes and notices when one ends; each then serves one run after another over a socket of its
own, so that a run costs no thread. A worker has a limit of memory, a session of its own, and gives back nothing but
JSON text.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import multiprocessing
import os
import pickle
import resource
import shutil
import signal
import socket
import tempfile
from collections import deque
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from reference_runtime.errors import ExecutionError, PluginError, build_error_envelope
from reference_runtime.plugins.discovery import mount
from reference_runtime.validation import validate_plugin_output

_LOG = logging.getLogger(__name__)
_PRELOADED = [
    "reference_runtime.isolation",
    "PIL.Image",
    "PIL.ImageStat",
    "PIL.ExifTags",
    "PIL.PngImagePlugin",
]
_DIE_WITH_PARENT = 1
_LOST, _LATE = b"lost", b"late"
_QUICK = 0.02
_AHEAD = 4


class _Run:
    """One call to a worker. ``quick`` is what to expect of it."""

    def __init__(self, task: bytes, plugin_name: str, quick: bool) -> None:
        self.task = task
        self.plugin_name = plugin_name
        self.quick = quick
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def settle(self, answer: bytes) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Workers:
    """``count`` worker processes; ``time_limit`` in seconds a run, ``memory_limit`` in bytes a process.

    ``folder`` holds plugins (see ``discovery``); at most ``most_waiting`` runs wait for a worker.
    """

    def __init__(
        self, folder: Path, count: int, time_limit: float, memory_limit: int, most_waiting: int
    ) -> None:
        self._count = count
        self._time_limit = time_limit
        self._most_waiting = most_waiting
        self._prepared = (memory_limit, str(folder))
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._channels: dict[int, _Channel] = {}
        self._waiting: deque[_Run] = deque()
        self._quick: set[str] = set()

    async def start(self) -> None:
        """Start the processes. They serve the calls on the running event loop, until ``close``."""
        self._home = tempfile.mkdtemp(prefix="phase12-")
        self._address = f"{self._home}/socket"
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: _Channel(self, self._time_limit), self._address)
        self._pool = self._make()
        self._tended = [asyncio.create_task(self._tend()) for _ in range(self._count)]

    def _make(self) -> ProcessPool:
        return ProcessPool(self._count, initializer=_prepare, initargs=self._prepared, context=self._context)

    async def _tend(self) -> None:
        """Keep one worker alive; a pool that is broken is replaced by the first to find it so."""
        while True:
            pool = self._pool
            try:
                await asyncio.wrap_future(pool.schedule(_serve, args=[self._address]))
            except ProcessExpired as error:
                if error.pid in self._channels:
                    self._channels[error.pid].kill()
            except Exception as error:  # the service goes on with the workers that it has
                _LOG.warning("a worker process ended: %s", error)
                if isinstance(error, (BrokenProcessPool, RuntimeError)) and self._pool is pool:
                    self._pool = self._make()
                await asyncio.sleep(0.2)

    async def call(
        self, function: Callable[[dict[str, Any]], object], payload: dict[str, Any], plugin_name: str
    ) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values.

        Raises ``PluginError`` if it raises, takes too long or kills its worker, ``ExecutionError`` if too many wait.
        The time limit does not count the wait for a worker.
        """
        task = pickle.dumps((function, payload, plugin_name), pickle.HIGHEST_PROTOCOL)
        run = _Run(task, plugin_name, plugin_name in self._quick)
        self._waiting.append(run)
        self.hand_out()
        if len(self._waiting) > self._most_waiting:
            self._waiting.pop()
            raise ExecutionError("too many runs are waiting; try again later")
        answer = await run.answer
        if answer == _LATE:
            raise PluginError(f"the plugin ran longer than {self._time_limit} seconds")
        if answer == _LOST:
            raise PluginError("the plugin ended its worker process")
        if answer[:1] == b"-":
            raise PluginError("the plugin failed", json.loads(answer[1:]))
        return json.loads(answer[1:])

    def hand_out(self) -> None:
        """Give the runs that wait to the workers, in their order."""
        while self._waiting:
            quick = self._waiting[0].quick
            free = [channel for channel in self._channels.values() if channel.has_room(quick)]
            if not free:
                return
            min(free, key=lambda channel: len(channel.runs)).give(self._waiting.popleft())

    def greet(self, channel: _Channel) -> None:
        """``channel`` is open."""
        self._channels[channel.pid] = channel
        self.hand_out()

    def note(self, run: _Run, seconds: float) -> None:
        """``run`` took so long."""
        if seconds < _QUICK:
            self._quick.add(run.plugin_name)
        else:
            self._quick.discard(run.plugin_name)

    def lose(self, channel: _Channel) -> None:
        """``channel`` is closed: what it has not begun goes to others."""
        self._channels.pop(channel.pid, None)
        self._waiting.extendleft(reversed(channel.runs))
        channel.runs.clear()
        self.hand_out()

    async def close(self) -> None:
        """Stop every worker, at once."""
        for tended in self._tended:
            tended.cancel()
        for channel in self._channels.values():
            channel.kill()
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)
        self._server.close()
        shutil.rmtree(self._home, ignore_errors=True)


class _Channel(asyncio.Protocol):
    """One worker, as the service sees it. Both sides send frames: four bytes of length, then the content."""

    def __init__(self, workers: Workers, time_limit: float) -> None:
        self._workers = workers
        self._time_limit = time_limit
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._unsent: list[bytes] = []
        self.runs: deque[_Run] = deque()
        self.pid = 0

    def has_room(self, quick: bool) -> bool:
        """Whether it may be given a run. Quick ones queue up, but behind none that takes its time."""
        if not self.runs:
            return True
        if not quick or len(self.runs) == _AHEAD:
            return False
        return self.runs[0].quick and self._loop.time() < self._began + _QUICK

    def give(self, run: _Run) -> None:
        self.runs.append(run)
        if len(self.runs) == 1:
            self._begin()
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(_frame(run.task))

    def _begin(self) -> None:
        self._began = self._loop.time()
        self._timer = self._loop.call_at(self._began + self._time_limit, self._expire)

    def _send(self) -> None:
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _expire(self) -> None:
        self.runs.popleft().settle(_LATE)
        self._workers.lose(self)
        self.kill()

    def kill(self) -> None:
        """End the worker, and what it has started in its session."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read(data)
        self._workers.hand_out()

    def _read(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < end:
                break
            content = bytes(self._buffer[4:end])
            del self._buffer[:end]
            if not self.pid:
                self.pid = int(content)
                self._workers.greet(self)
            elif self.runs:
                self._timer.cancel()
                run = self.runs.popleft()
                self._workers.note(run, self._loop.time() - self._began)
                run.settle(content)
                if self.runs:
                    self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.runs:
            with suppress(OSError):  # writing may have failed before all that it had said was read
                while data := os.read(self._transport.get_extra_info("socket").fileno(), 1 << 16):
                    self._read(data)
        if self.runs:
            self._timer.cancel()
            self.runs.popleft().settle(_LOST)
        self._workers.lose(self)
        self.kill()


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _prepare(memory_limit: int, folder: str) -> None:
    """Make a worker out of a new process."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mount(Path(folder))


def _serve(address: str) -> None:
    """In a worker: answer one task after another, until the service goes away."""
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(address)
        channel.sendall(_frame(str(os.getpid()).encode()))
        stream = channel.makefile("rb")
        while head := stream.read(4):
            channel.sendall(_frame(_execute(stream.read(int.from_bytes(head, "big")))))


def _execute(task: bytes) -> bytes:
    """``+`` and the output of the plugin as JSON, or ``-`` and an envelope."""
    plugin_name = ""
    try:
        function, payload, plugin_name = pickle.loads(task)
        return b"+" + validate_plugin_output(_guarded(function, payload))
    except BaseException as exc:  # a plugin may raise anything, and nothing of its own may travel back
        return b"-" + json.dumps(build_error_envelope(exc, plugin_name)).encode("ascii")


def _guarded(function: Callable[[dict[str, Any]], object], payload: dict[str, Any]) -> object:
    try:
        return function(payload)
    except BaseException as exc:
        raise PluginError(_describe(exc)) from exc


def _describe(exc: BaseException) -> str:
    """Type and message of what a plugin raised, even if its message cannot be made."""
    try:
        return f"{type(exc).__name__}: {exc}".removesuffix(": ")
    except BaseException:  # the message is the plugin's code
        return type(exc).__name__
