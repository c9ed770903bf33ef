"""The call stacks above the plugin runs, recorded while a program runs.

A stack is walked from the run outwards. Where it ends at a task, a thread or a process of ``multiprocessing``, it goes
on with the stack that started that. Files outside the project are not told apart.

A process that is started anew, by a fork server or not, is sent what it needs to record beside its process object; so
the program need not know of the recording. What it records it writes at once into a file, for it may be killed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Sequence
from concurrent.futures.thread import _WorkItem
from contextlib import suppress
from multiprocessing import process
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from phase12_lint.integrations.stacks import (
    FOREIGN,
    PROCESS,
    TASK,
    THREAD,
    Place,
    Run,
    Stack,
    names_one_of,
    packed,
    unpacked,
)

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200
_LAZY = _GENERATOR | _COROUTINE | _ASYNC_GENERATOR | 0x100
_MOST_FRAMES = 400
_TASK_MAKERS = frozenset((BaseEventLoop.create_task.__code__, asyncio.run_coroutine_threadsafe.__code__))
_POOLED = _WorkItem.run.__code__
_PROCESS: CodeType = vars(process.BaseProcess)["_bootstrap"].__code__
_BOTTOMS = (_POOLED, _PROCESS)
_STARTERS = frozenset(
    each.__code__ for each in (_WorkItem.__init__, threading.Thread.start, process.BaseProcess.start)
)


class Recorder:
    """Records every run of a method called as one of ``methods`` that stands below ``root``, or is of a class below
    one of ``bases`` (names as in the policy); also in processes that are started below this one.
    """

    def __init__(self, root: Path, methods: Sequence[str], bases: Sequence[str]) -> None:
        self._named = root, tuple(methods), tuple(bases)
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
        self._pid, self._folder = os.getpid(), ""
        self._started: tuple[Stack, str] = (), ""
        """What stands above the start of this process, if that was recorded, and the test that it was in."""

    def start(self) -> None:
        """Record from now on, in this thread and those that start later, and in processes that start later."""
        kept = TemporaryDirectory(prefix="phase12-recorded-")
        self._folder = kept.name
        end = self._begin()

        def stop() -> None:
            end()
            if os.getpid() == self._pid:
                with kept:
                    self._collect()

        self._stop = stop

    def _begin(self) -> Callable[[], None]:
        return self._monitor() if sys.version_info >= (3, 12) else self._profile()

    def stop(self) -> None:
        """Record no more, and take what other processes have recorded."""
        self._stop()
        self._stop = lambda: None

    def _collect(self) -> None:
        for file in sorted(Path(self._folder).iterdir()):
            for line in file.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):  # a process may be killed while it writes
                    self.runs = unpacked(line) | self.runs

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
            started = frame.f_locals["self"]
            self._origins[started] = self._above(frame)
            if isinstance(started, process.BaseProcess):
                vars(started)["_phase12_lint"] = _Passenger(self, self._origins[started])
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
        if run in self.runs:
            return
        self.runs[run] = self.test()
        if os.getpid() != self._pid:
            line = packed({run: self.runs[run]}) + "\n"
            with suppress(OSError), open(f"{self._folder}/{os.getpid()}", "a", encoding="utf-8") as file:  # noqa: PTH123 no Path while a call begins
                file.write(line)

    def test(self) -> str:
        """The test that runs."""
        return self._started[1] or os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]

    def passed_on(self) -> tuple[Any, ...]:
        """What makes a recorder for a process that this one starts, beside the stack that started it."""
        return (*self._named, self._folder, self.test())

    def join(self, folder: str, test: str, above: Stack) -> None:
        """Record in a process that another has started, for the one that reads ``folder``."""
        self._pid, self._folder, self._started = 0, folder, (above, test)
        self._begin()

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
        while last is not bottom and last.f_code not in _BOTTOMS and current is not None:
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
        if last.f_code is _PROCESS:
            return (*found, PROCESS, *self._origins.get(last.f_locals["self"], self._started[0]))[
                :_MOST_FRAMES
            ]
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


class _Passenger:
    """Lies in a process object, and begins to record where that is unpickled: in the new process."""

    def __init__(self, recorder: Recorder, above: Stack) -> None:
        self._recorder, self._above = recorder, above

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        return _join, (*self._recorder.passed_on(), self._above)


def _join(
    root: Path, methods: Sequence[str], bases: Sequence[str], folder: str, test: str, above: Stack
) -> None:
    Recorder(root, methods, bases).join(folder, test, above)


def _only_starts(code: CodeType) -> bool:
    """Whether it is the code in which a thread, a process, or the work of a pool, begins."""
    return code is _POOLED or code.co_filename in (threading.__file__, process.__file__)


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
