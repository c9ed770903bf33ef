"""Plugins that misbehave, each in a way of its own; the option ``fault`` says how."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Unpicklable(Exception):
    """Cannot be made again from its arguments."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(f"{one} {two}")
        self.handle = lambda: one


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
        held.append(bytearray(64 << 20))


def _grandchild(where: str) -> Any:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(where).write_text(str(child.pid))
    while True:
        time.sleep(1)


FAULTS: dict[str, Callable[[], Any]] = {
    "raises": lambda: _raise(ValueError("no good")),
    "returns None": lambda: None,
    "returns a list": lambda: [1],
    "returns a str": lambda: "text",
    "returns what is not JSON": lambda: {"it": object()},
    "returns a key that is no text": lambda: {1: 2},
    "returns NaN": lambda: {"it": float("nan")},
    "returns a cycle": _cycle,
    "returns too much": lambda: {"it": "x" * (2 << 20)},
    "recurses": _recursion,
    "SystemExit": lambda: sys.exit(3),
    "KeyboardInterrupt": lambda: _raise(KeyboardInterrupt()),
    "cannot be pickled": lambda: _raise(Unpicklable(1, 2)),
    "cannot be printed": lambda: _raise(Unprintable()),
    "hangs and ignores SIGTERM": _hang,
    "regex that holds the GIL": _regex,
    "os._exit": lambda: os._exit(7),
    "segfault": lambda: ctypes.string_at(0),
    "memory hog": _memory,
}


class Faulty:
    """Does what the option ``fault`` says; without it, it works."""

    name = "faulty"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        options = payload["options"]
        if "grandchild" in options:
            return dict(_grandchild(options["grandchild"]))
        if "append" in options:
            with Path(options["append"]).open("a") as log:
                log.write(f"{options['line']}\n")
        if "sleep" in options:
            time.sleep(options["sleep"])
        fault = options.get("fault")
        answer: dict[str, Any] = {} if fault is None else FAULTS[fault]()
        return answer
