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
_LOST = b""


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
        self._waiting = 0
        self._prepared = (memory_limit, str(folder))
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._channels: dict[int, _Channel] = {}

    async def start(self) -> None:
        """Start the processes. They serve the calls on the running event loop, until ``close``."""
        self._idle = asyncio.Queue[_Channel]()
        self._home = tempfile.mkdtemp(prefix="phase12-")
        self._address = f"{self._home}/socket"
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: _Channel(self._greet), self._address)
        self._pool = self._make()
        self._tended = [asyncio.create_task(self._tend()) for _ in range(self._count)]

    def _make(self) -> ProcessPool:
        return ProcessPool(self._count, initializer=_prepare, initargs=self._prepared, context=self._context)

    def _greet(self, channel: _Channel) -> None:
        self._channels[channel.pid] = channel
        self._idle.put_nowait(channel)

    async def _tend(self) -> None:
        """Keep one worker alive; a pool that is broken is replaced by the first to find it so."""
        while True:
            pool = self._pool
            try:
                await asyncio.wrap_future(pool.schedule(_serve, args=[self._address]))
            except ProcessExpired as error:
                if error.pid in self._channels:
                    self._channels.pop(error.pid).kill()
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
        channel = await self._free()
        try:
            answer = await channel.ask(task, self._time_limit)
        except asyncio.CancelledError:
            channel.kill()
            raise
        if answer == _LOST:
            channel.kill()
            self._channels.pop(channel.pid, None)
            late = (
                f"ran longer than {self._time_limit} seconds"
                if channel.is_late
                else "ended its worker process"
            )
            raise PluginError(f"the plugin {late}")
        self._idle.put_nowait(channel)
        if answer[:1] == b"-":
            raise PluginError("the plugin failed", json.loads(answer[1:]))
        return json.loads(answer[1:])

    async def _free(self) -> _Channel:
        """An idle worker's channel."""
        while True:
            if self._idle.empty() and self._waiting >= self._most_waiting:
                raise ExecutionError("too many runs are waiting; try again later")
            self._waiting += 1
            try:
                channel = await self._idle.get()
            finally:
                self._waiting -= 1
            if channel.is_open:
                return channel

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

    def __init__(self, greet: Callable[[_Channel], None]) -> None:
        self._greet = greet
        self._buffer = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self.pid = 0
        self.is_open = True
        self.is_late = False

    def ask(self, task: bytes, limit: float) -> asyncio.Future[bytes]:
        """The answer to ``task``; no bytes if the worker is lost, as it is when ``limit`` seconds are over."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._timer = loop.call_later(limit, self._expire)
        self._transport.write(_frame(task))
        return self._answer

    def _expire(self) -> None:
        self.is_late = True
        self.kill()

    def kill(self) -> None:
        """End the worker, and what it has started in its session."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        size = int.from_bytes(self._buffer[:4], "big")
        if len(self._buffer) < 4 or len(self._buffer) < 4 + size:
            return
        content = bytes(self._buffer[4 : 4 + size])
        self._buffer.clear()
        if self.pid:
            self._settle(content)
        else:
            self.pid = int(content)
            self._greet(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._settle(_LOST)

    def _settle(self, content: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._timer.cancel()
            self._answer.set_result(content)


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
