"""Plugins that misbehave, each in a way of its own; the option ``fault`` says how."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image


class Unpicklable(Exception):
    """Cannot be made again from its arguments."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(f"{one} {two}")
        self.handle = lambda: one


class Unreadable(dict[str, Any]):
    """Raises what a client should not read when it is looked into."""

    def items(self) -> Any:
        raise OSError("cannot read /srv/secrets/key")


class Unprintable(Exception):
    """Its text raises."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def _raise(error: BaseException) -> Any:
    raise error


def _cycle() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["self"] = made
    return made


def _nested(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(levels):
        made = {"in": made}
    return made


async def _later() -> dict[str, Any]:
    return {}


def _recursion() -> Any:
    return _recursion()


def _hang() -> Any:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def _regex() -> Any:
    return {"found": bool(re.match(r"(a+)+$", "a" * 64 + "b"))}


def _memory() -> Any:
    held = []
    while True:
        held.append(bytes(64 << 20))


def _grandchild(where: str) -> Any:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    children = [subprocess.Popen(command, preexec_fn=own) for own in (None, os.setpgrp)]
    Path(where).write_text(" ".join(str(child.pid) for child in children))
    while True:
        time.sleep(1)


def _channel() -> socket.socket:
    """The worker's end of its channel to the service."""
    for fd in range(3, 64):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
    raise AssertionError("there is no channel")


def _says(*frames: bytes) -> Any:
    """Write to the service what no worker would, and go on as if nothing were."""
    with _channel() as channel:
        for frame in frames:
            channel.sendall(frame)
    return {}


def _hangs_with_half_an_answer() -> Any:
    _says(_answer(_number(), os.getpid(), b"+{}")[:7])
    return _hang()


def _closes_everything() -> Any:
    os.closerange(0, 64)
    return _hang()


def _execs() -> Any:
    os.execv("/bin/true", ["true"])


def _killed_by_a_grandchild() -> Any:
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)  # holds the channel open
    return _hang()


def _sends_itself(sent: signal.Signals) -> Any:
    os.kill(os.getpid(), sent)
    return _hang()


def _answer(number: int, pid: int, content: bytes) -> bytes:
    said = b"%d %d %b" % (number, pid, content)
    return struct.pack("!i", len(said)) + said


def _number() -> int:
    """The number of this run, as the worker knows it."""
    frame: Any = sys._getframe()
    while "number" not in frame.f_locals:
        frame = frame.f_back
    return int(frame.f_locals["number"])


FAULTS: dict[str, Callable[[], Any]] = {
    "raises": lambda: _raise(ValueError("no good")),
    "returns None": lambda: None,
    "returns a list": lambda: [1],
    "returns a str": lambda: "text",
    "returns what is not JSON": lambda: {"it": object()},
    "returns a key that is no text": lambda: {1: 2},
    "returns NaN": lambda: {"it": float("nan")},
    "returns a cycle": _cycle,
    "returns what is nested too deep": lambda: _nested(300),
    "returns what raises when it is read": lambda: Unreadable(key=1),
    "returns a coroutine": _later,
    "returns too much": lambda: {"it": "x" * (2 << 20)},
    "recurses": _recursion,
    "SystemExit": lambda: sys.exit(3),
    "KeyboardInterrupt": lambda: _raise(KeyboardInterrupt()),
    "cannot be pickled": lambda: _raise(Unpicklable(1, 2)),
    "cannot be printed": lambda: _raise(Unprintable()),
    "hangs and ignores SIGTERM": _hang,
    "regex that holds the GIL": _regex,
    "os._exit": lambda: os._exit(7),
    "os._exit(0)": lambda: os._exit(0),
    "execs a program that ends with 0": _execs,
    "stops itself": lambda: _sends_itself(signal.SIGSTOP),
    "terminates itself": lambda: _sends_itself(signal.SIGTERM),
    "kills its session": lambda: os.killpg(os.getsid(0), signal.SIGKILL),
    "is killed while its child holds the channel": _killed_by_a_grandchild,
    "closes everything": _closes_everything,
    "returns half a surrogate pair": lambda: {"it": "\ud800"},
    "returns a number too long for a text": lambda: {"it": 10**5000},
    "answers as another process": lambda: _says(_answer(1, 1, b"+{}")),
    "answers another run": lambda: _says(_answer(77, os.getpid(), b"+{}")),
    "answers this run with nothing": lambda: _says(_answer(_number(), os.getpid(), b"")),
    "announces 2 GB": lambda: _says(struct.pack("!i", 0x7FFFFFFF), b"x" * (1 << 20)),
    "says what is no answer": lambda: _says(b"HTTP/1.1 200 OK\r\n\r\n"),
    "hangs with half an answer": _hangs_with_half_an_answer,
    "segfault": lambda: ctypes.string_at(0),
    "memory hog": _memory,
}


def _forks() -> dict[str, Any]:
    return {"from": "the child"} if os.fork() == 0 else {"from": "the plugin"}


def _patches_json() -> dict[str, Any]:
    json.dumps = lambda *_, **__: '{"patched": true}'
    return {}


def _patches_pillow() -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = 1
    return {}


_KEPT: list[Any] = []


def _keeps_memory() -> dict[str, Any]:
    _KEPT.append(bytes(100 << 20))
    return {}


def _ends_later() -> dict[str, Any]:
    threading.Timer(0.2, os._exit, [0]).start()
    return {}


def _opens_files() -> dict[str, Any]:
    _KEPT.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(100))
    return {}


LASTING: dict[str, Callable[[], dict[str, Any]]] = {
    "forks, and the child returns, too": _forks,
    "patches json.dumps": _patches_json,
    "patches Pillow": _patches_pillow,
    "keeps memory in a global": _keeps_memory,
    "ends its process later": _ends_later,
    "leaves files open": _opens_files,
    "answers a run twice": lambda: dict(_says(_answer(_number(), os.getpid(), b'+{"first": 1}'))),
}
"""What is answered, and harms what comes later."""


class Faulty:
    """Does what the option ``fault`` says; without it, it works."""

    name = "faulty"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        options = payload["options"]
        if "grandchild" in options:
            return dict(_grandchild(options["grandchild"]))
        if "nested" in options:
            return _nested(options["nested"])
        if "append" in options:
            with Path(options["append"]).open("a") as log:
                log.write(f"{options['line']}\n")
        if "print" in options:
            os.write(2, f"\n{options['print']}\n".encode())
        if "sleep" in options:
            time.sleep(options["sleep"])
        if "lasting" in options:
            return LASTING[options["lasting"]]()
        fault = options.get("fault")
        answer: dict[str, Any] = {} if fault is None else FAULTS[fault]()
        return answer
