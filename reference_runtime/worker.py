"""In a worker process: one plugin, imported and run here only. Nothing of it travels back but JSON text."""

import ctypes
import gc
import json
import os
import re
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing.reduction import ForkingPickler
from struct import Struct
from typing import Any

from reference_runtime.errors import text_of
from reference_runtime.validation import validate_plugin_output

Function = Callable[[dict[str, Any]], object]
TASK = Struct("!QI")  # number of the run, length
ANSWER = Struct("!QII")  # number of the run, who answers (pid), length
_DIE_WITH_PARENT = 1
_SECRETS = re.compile(r"0x[0-9a-fA-F]{6,}|(?<![\w.])/(?:[^\s/'\"]+/)+[^\s/'\"]*")
_loaded = cache(ForkingPickler.loads)


def serve(channel: socket.socket, function: bytes, memory_limit: int, folder: str) -> None:
    """Answer one task after another with what ``function`` makes of it, until the service goes away.

    ``function`` was pickled by the service; what loads the plugin, if anything does, is that it is unpickled.
    """
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # what a plugin prints is no record of the service's log
        os.dup2(nothing, standard)
    gc.freeze()  # pages that are shared with the server process stay shared
    os.chdir(folder)
    pid, stream = os.getpid(), channel.makefile("rb")
    while head := stream.read(TASK.size):
        number, length = TASK.unpack(head)
        answer = _answer(function, ForkingPickler.loads(stream.read(length)))
        if os.getpid() != pid:  # a child that the plugin made and let return
            os._exit(1)
        channel.sendall(ANSWER.pack(number, pid, len(answer)) + answer)


def _answer(function: bytes, payload: dict[str, Any]) -> bytes:
    """``+`` and the output as JSON, or ``-`` and what went wrong; ``!`` if this process should not go on."""
    kind = "PluginError"
    try:
        output = _loaded(function)(payload)
        kind = "ValidationError"
        return b"+" + validate_plugin_output(output)
    except BaseException as exc:  # a plugin may raise anything, and nothing of its own may travel back
        name, text = type(exc).__name__, text_of(exc)
        if kind == "PluginError":  # without addresses and paths of this machine
            text = name if text == name else _SECRETS.sub("…", f"{name}: {text}")
        said = json.dumps([kind, text[:2000], "".join(traceback.format_exception(exc))[-20_000:]])
        goes_on = isinstance(exc, Exception) and not isinstance(exc, MemoryError)
        return (b"-" if goes_on else b"!") + said.encode("ascii")
