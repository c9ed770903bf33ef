"""The call stacks above the plugin runs, recorded while a program runs.

A stack is walked from the run outwards. Where it ends at a task or a thread, it goes on with the stack that started
that. Files outside the project are not told apart.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Sequence
from concurrent.futures.thread import _WorkItem
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

FOREIGN, TASK, THREAD = "foreign", "task", "thread"
"""Between two frames: code outside the project; the start of a task, or of what a thread or a pool was given to
call, and then the frames that gave it; a thread that calls something else, and then the frames that started it.
"""
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200
_LAZY = _GENERATOR | _COROUTINE | _ASYNC_GENERATOR | 0x100
_MOST_FRAMES = 400
_TASK_MAKERS = frozenset((BaseEventLoop.create_task.__code__, asyncio.run_coroutine_threadsafe.__code__))
_POOLED = _WorkItem.run.__code__
_STARTERS = frozenset((_WorkItem.__init__.__code__, threading.Thread.start.__code__))


class Place(NamedTuple):
    """A frame: a file relative to the root, the first line and the name of the code, the line that runs.

    ``is_lazy`` if it is the code of a coroutine or a generator.
    """

    path: str
    first_line: int
    name: str
    line: int
    is_lazy: bool


Stack = tuple[Place | str, ...]
"""Frames and what lies between them, innermost first. It ends at ``THREAD`` or ``TASK``, or it was cut short."""


class Run(NamedTuple):
    """A governed method that ran: where (None outside the project), the classes of ``self``, what stands above it."""

    name: str
    place: Place | None
    classes: tuple[str, ...]
    above: Stack


class Recorder:
    """Records every run of a method called as one of ``methods`` that stands below ``root``, or is of a class below
    one of ``bases`` (names as in the policy).
    """

    def __init__(self, root: Path, methods: Sequence[str], bases: Sequence[str]) -> None:
        self.runs: dict[Run, str] = {}
        """Each run, with the test in which it was first seen."""
        self.was_displaced = False
        self._roots = tuple(dict.fromkeys(f"{each}{os.sep}" for each in (root, root.resolve())))
        self._methods = frozenset(methods)
        self._bases = tuple(bases)
        self._classes: dict[type, tuple[str, ...]] = {}
        self._files: dict[str, str | None] = {}
        self._codes: dict[CodeType, tuple[str, int, str, bool] | None] = {}
        self._origins: WeakKeyDictionary[Any, Stack] = WeakKeyDictionary()
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Record from now on, in this thread and those that start later."""
        self._stop = self._monitor() if sys.version_info >= (3, 12) else self._profile()

    def stop(self) -> None:
        """Record no more."""
        self._stop()
        self._stop = lambda: None

    def _monitor(self) -> Callable[[], None]:
        monitoring: Any = vars(sys)["monitoring"]
        tool = next(number for number in (3, 4, 2, 1) if monitoring.get_tool(number) is None)

        def called(code: CodeType, offset: int) -> Any:
            if not self._is_watched(code):
                return monitoring.DISABLE
            self._see(sys._getframe(1))
            return None

        monitoring.use_tool_id(tool, "phase12-lint")
        monitoring.restart_events()
        monitoring.register_callback(tool, monitoring.events.PY_START, called)
        monitoring.set_events(tool, monitoring.events.PY_START)
        return lambda: monitoring.free_tool_id(tool)

    def _profile(self) -> Callable[[], None]:
        watched: dict[CodeType, bool] = {}

        def profile(frame: FrameType, event: str, argument: Any) -> None:
            if event == "call":
                code = frame.f_code
                if code not in watched:
                    watched[code] = self._is_watched(code)
                if watched[code]:
                    self._see(frame)

        def stop() -> None:
            self.was_displaced = sys.getprofile() is not profile
            sys.setprofile(None)
            threading.setprofile(None)

        threading.setprofile(profile)
        sys.setprofile(profile)
        return stop

    def _is_watched(self, code: CodeType) -> bool:
        return code.co_name in self._methods or code in _TASK_MAKERS or code in _STARTERS

    def _see(self, frame: FrameType) -> None:
        """A watched function begins."""
        code = frame.f_code
        if code in _TASK_MAKERS:
            made = frame.f_locals.get("coro")
            if asyncio.iscoroutine(made) and made not in self._origins:
                self._origins[made] = self._above(frame)
        elif code in _STARTERS:
            self._origins[frame.f_locals["self"]] = self._above(frame)
        else:
            self._note(frame)

    def _note(self, frame: FrameType) -> None:
        receiver = _receiver(frame)
        place = self._place(frame)
        caller = frame.f_back
        if receiver is None or (caller is not None and _delegates(caller, frame.f_code.co_name, receiver)):
            return
        classes = self._classes_of(receiver if isinstance(receiver, type) else type(receiver))
        if place is None and not names_one_of(classes, self._bases):
            return
        run = Run(frame.f_code.co_name, place and place._replace(line=0), classes, self._above(frame))
        self.runs.setdefault(run, os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0])

    def _classes_of(self, cls: type) -> tuple[str, ...]:
        if cls not in self._classes:
            self._classes[cls] = tuple(f"{each.__module__}.{each.__qualname__}" for each in cls.__mro__)
        return self._classes[cls]

    def _above(self, frame: FrameType) -> Stack:
        """What stands above ``frame``, innermost first."""
        found: list[Place | str] = []
        task = _coroutine_of_task()
        bottom = getattr(task, "cr_frame", None)
        last, current = frame, frame.f_back
        while last is not bottom and last.f_code is not _POOLED and current is not None:
            if len(found) == _MOST_FRAMES:
                return tuple(found)
            last, current = current, current.f_back
            place = self._place(last)
            if place is not None:
                found.append(place)
            elif not _only_starts(last.f_code) and found[-1:] != [FOREIGN]:
                found.append(FOREIGN)
        if last is bottom:
            return self._joined(found, TASK, task)
        if last.f_code is _POOLED:
            return self._joined(found, TASK, last.f_locals["self"])
        thread = threading.current_thread()
        is_target = last is not frame and found[-1:] != [FOREIGN] and thread in self._origins
        return self._joined(found, TASK if is_target else THREAD, thread)

    def _joined(self, found: list[Place | str], start: str, origin: Any) -> Stack:
        return (*found, start, *self._origins.get(origin, ()))[:_MOST_FRAMES]

    def _place(self, frame: FrameType) -> Place | None:
        code = frame.f_code
        if code not in self._codes:
            path = self._path(code.co_filename)
            lazy = bool(code.co_flags & _LAZY)
            self._codes[code] = None if path is None else (path, code.co_firstlineno, code.co_name, lazy)
        known = self._codes[code]
        return Place(*known[:3], frame.f_lineno or 0, known[3]) if known is not None else None

    def _path(self, file: str) -> str | None:
        """The path of ``file`` in the project; None if it is outside."""
        if file not in self._files:
            self._files[file] = None
            for name in (os.path.abspath(file), os.path.realpath(file)):  # noqa: PTH100 no Path while a call begins
                for root in self._roots:
                    if name.startswith(root) and not file.startswith("<"):
                        self._files[file] = name[len(root) :].replace(os.sep, "/")
        return self._files[file]


def names_one_of(classes: Sequence[str], entries: Sequence[str]) -> bool:
    """Whether one of ``entries``, names as in the policy, is a tail of the dotted name of one of ``classes``."""
    return any(f".{name}".endswith(f".{entry.replace(':', '.')}") for name in classes for entry in entries)


def _only_starts(code: CodeType) -> bool:
    """Whether it is the code in which a thread, or the work of a pool, begins."""
    return code is _POOLED or code.co_filename == threading.__file__


def _coroutine_of_task() -> Any:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop runs in this thread
        return None
    return task.get_coro() if task is not None else None


def _receiver(frame: FrameType) -> Any:
    """What the function in ``frame`` was given first."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def _delegates(caller: FrameType, name: str, receiver: Any) -> bool:
    """Whether ``caller`` is the same method of the same object, which gives on to ``super()``."""
    return caller.f_code.co_name == name and _receiver(caller) is receiver
