"""Worker processes in which plugins are imported and run, so that no plugin can take the service down.

A worker serves one plugin and one run at a time. It has a session, a folder and a limit of memory of its own, is
started from a clean server process, and is replaced after some runs and after every end that is not an ordinary one.
"""

import asyncio
import ctypes
import gc
import json
import multiprocessing
import os
import pickle
import re
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import get_temp_dir
from pathlib import Path
from struct import Struct
from tempfile import TemporaryDirectory
from threading import Thread, Timer
from typing import Any

from reference_runtime.errors import ExecutionError, PluginError, ValidationError, text_of
from reference_runtime.validation import MOST_OUTPUT, validate_plugin_output

Function = Callable[[dict[str, Any]], object]
_LENGTH = Struct("!i")  # stands before each message, as ``Connection`` has it
_MOST_ANSWER = MOST_OUTPUT + (128 << 10)
_MOST_START = 10.0  # seconds; then the server process is replaced
_MOST_IDLE = 8
_DIE_WITH_PARENT = 1
_SECRETS = re.compile(r"0x[0-9a-fA-F]{6,}|(?<![\w.])/(?:[^\s/'\"]+/)+[^\s/'\"]*")
_CONTEXT = multiprocessing.get_context("forkserver")
_PILLOW = ("ImageStat", "ExifTags", "JpegImagePlugin", "PngImagePlugin")
_CONTEXT.set_forkserver_preload([__name__, "reference_runtime.plugins.discovery", *(f"PIL.{each}" for each in _PILLOW)])
_loaded = cache(ForkingPickler.loads)  # unpickling it is what imports a plugin


def _serve(channel: Connection, function: bytes, memory_limit: int, folder: str) -> None:
    """Answer one task after another with what the pickled ``function`` makes of it, until the service goes away."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # what a plugin prints is no record of the service's log
        os.dup2(nothing, standard)
    gc.freeze()  # pages that are shared with the server process stay shared
    os.chdir(folder)
    pid = os.getpid()
    with suppress(EOFError):
        while True:
            number, payload = channel.recv()
            answer = _answer(function, payload)
            if os.getpid() != pid:  # a child that the plugin made and let return
                os._exit(1)
            channel.send_bytes(b"%d %d %b" % (number, pid, answer))


def _answer(function: bytes, payload: dict[str, Any]) -> bytes:
    """``+`` and the output as JSON, or ``-`` and what went wrong; ``!`` if this process should not go on."""
    kind = "PluginError"
    try:
        output = _loaded(function)(payload)
        kind = "ValidationError"
        return b"+" + validate_plugin_output(output)
    except BaseException as exc:  # a plugin may raise anything, and nothing of its own may travel back
        name, text = type(exc).__name__, text_of(exc)
        if not isinstance(exc, ValidationError):
            text = name if text == name else f"{name}: {text}"
        text = _SECRETS.sub("…", text)[:2000]  # without addresses and paths of this machine
        said = json.dumps([kind, text, "".join(traceback.format_exception(exc))[-20_000:]])
        goes_on = isinstance(exc, Exception) and not isinstance(exc, MemoryError)
        return (b"-" if goes_on else b"!") + said.encode("ascii")


class _Worker:
    """One process, as the service sees it. To be made and cleaned up in a thread, for that may take a while."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def __init__(self, plugin_name: str, function: bytes, memory_limit: int) -> None:
        self.plugin_name, self.runs, self.is_busy, self.has_ended = plugin_name, 0, False, False
        self._folder = TemporaryDirectory(prefix="phase12-", ignore_cleanup_errors=True)
        self.channel, theirs = socket.socketpair()
        late = Timer(_MOST_START, _end_fork_server)
        late.start()
        try:
            with Connection(theirs.detach()) as end:
                arguments = (end, function, memory_limit, self._folder.name)
                self.process = _CONTEXT.Process(target=_serve, args=arguments)
                self.process.start()
            self.pid = self.process.pid or 0
        except (OSError, EOFError):
            _end_fork_server()
            self.channel.close()
            self._folder.cleanup()
            raise
        finally:
            late.cancel()

    async def ask(self, payload: dict[str, Any]) -> bytes:
        """What it answers to one run. Raises ``OSError`` or ``EOFError`` if it ends before."""
        if vars(self.reader)["_buffer"]:
            raise ConnectionError("it has said more than it was asked")
        self.runs += 1
        task, head = pickle.dumps((self.runs, payload)), b"%d %d " % (self.runs, self.pid)
        self.writer.write(_LENGTH.pack(len(task)) + task)
        await self.writer.drain()
        (length,) = _LENGTH.unpack(await self.reader.readexactly(_LENGTH.size))
        answer = await self.reader.readexactly(length) if 0 < length <= _MOST_ANSWER else b""
        if not answer.startswith(head):
            raise PluginError("the plugin's worker process answered what was not asked")
        return answer.removeprefix(head)

    def kill(self) -> None:
        """Kill it, and what it has started in its session. What it has said can still be read."""
        self.has_ended = True
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)
        for kill in (os.killpg, os.kill):  # it may have no session yet
            with suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)

    def clean_up(self) -> None:
        """Leave nothing of it."""
        self.process.join(5)
        for each in Path("/proc").glob("[0-9]*"):  # what is in its session, but in another group
            with suppress(ProcessLookupError):
                if os.getsid(int(each.name)) == self.pid:
                    os.kill(int(each.name), signal.SIGKILL)
        with suppress(ValueError):  # the kernel may still hold it
            self.process.close()
        Thread(target=self._folder.cleanup).start()  # which takes a while if it is full


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
        self._workers: list[_Worker] = []  # the one that was used last is the last

    def is_running(self, plugin_name: str) -> bool:
        """Whether a run of that plugin is in flight."""
        return any(each.is_busy for each in self._workers if each.plugin_name == plugin_name)

    async def call(self, function: Function, payload: dict[str, Any], plugin_name: str, tries: int = 3) -> Any:
        """What ``function(payload)`` returns in a worker, as JSON values; raises one of the three errors.

        A run that has begun is not tried again.
        """
        idle = [each for each in self._workers if not each.is_busy and each.plugin_name == plugin_name]
        try:
            worker = idle[-1] if idle else await self._start(function, plugin_name)
        except (OSError, EOFError) as error:
            if tries:
                return await self.call(function, payload, plugin_name, tries - 1)
            raise ExecutionError("no worker process can be started") from error
        worker.is_busy, answer, loop = True, b"", asyncio.get_running_loop()
        late = loop.call_later(self._time_limit, worker.kill)
        try:
            answer = await worker.ask(payload)
        except (OSError, EOFError) as error:
            if loop.time() >= late.when():
                raise PluginError(f"the plugin ran longer than {self._time_limit:g} seconds") from None
            if tries and isinstance(error, ConnectionError):  # it has not read the task; the kernel tells
                return await self.call(function, payload, plugin_name, tries - 1)
            raise PluginError("the plugin ended its worker process") from None
        finally:
            late.cancel()
            worker.is_busy = False
            if worker.has_ended or answer[:1] not in (b"+", b"-") or worker.runs >= self._most_runs:
                self._end(worker)
        return _read(answer)

    async def _start(self, function: Function, plugin_name: str) -> _Worker:
        loop, pickled = asyncio.get_running_loop(), bytes(ForkingPickler.dumps(function))
        worker = await loop.run_in_executor(self._thread, _Worker, plugin_name, pickled, self._memory_limit)
        worker.reader, worker.writer = await asyncio.open_connection(sock=worker.channel)
        self._workers.append(worker)
        loop.add_reader(worker.process.sentinel, self._end, worker)  # it has ended, whatever its status
        for idle in [each for each in self._workers[:-1] if not each.is_busy][:-_MOST_IDLE]:
            self._end(idle)
        return worker

    def _end(self, worker: _Worker) -> None:
        """Kill it; who asks it hears that at once."""
        asyncio.get_running_loop().remove_reader(worker.process.sentinel)
        worker.kill()
        if not worker.is_busy:
            self._workers.remove(worker)
            worker.writer.close()
            self._thread.submit(worker.clean_up)

    def retire(self) -> None:
        """Serve what is called from now on with new processes, in which all is imported anew."""
        for worker in [*self._workers]:
            worker.runs = self._most_runs
            if not worker.is_busy:
                self._end(worker)

    async def close(self) -> None:
        """Kill every worker, and wait until they have ended."""
        while self._workers:
            for worker in [*self._workers]:
                self._end(worker)
            await asyncio.sleep(0.01)
        _end_fork_server()
        await asyncio.to_thread(self._thread.shutdown)
