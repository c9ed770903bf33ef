"""Room for deep recursion.

Questions stand on questions, a thousand and more deep. The calls behind them need a stack that the main thread may not
have, and a limit of recursion that would be unsafe there.

From 3.11 on, Python keeps the frames of calls in chunks of 16 KB, and maps a chunk anew for each call that begins
behind the end of the last one. Where a loop runs just there, that costs more than the loop. A call with a frame as wide
as below gets a chunk of its own, with room for those that it calls; what is never touched of it is never given out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_SLOTS = 2**18  # with what Python adds, just over the half of a chunk of 4 MB
_STACK = 2**28  # bytes; what is never touched of it is never given out, either
_RECURSION = 60_000
_roomy = threading.local()


def has_room() -> bool:
    """Whether this is called, at whatever depth, by a function that was given room."""
    return bool(getattr(_roomy, "yes", False))


def with_room(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """``function``, called in a thread of its own with a large stack, if it is not called in such a one."""

    def wide(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return function(*args, **kwargs)

    wide.__code__ = wide.__code__.replace(co_stacksize=_SLOTS)

    @wraps(function)
    def roomy(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return wide(*args, **kwargs) if has_room() else _in_thread(lambda: wide(*args, **kwargs))

    return roomy


def _in_thread(call: Callable[[], _T]) -> _T:
    """What ``call`` gives or raises; a thread that is not waited for to the end is given up when the process ends."""
    results: list[_T] = []
    errors: list[BaseException] = []

    def run() -> None:
        _roomy.yes = True
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        thread = threading.Thread(target=run, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no memory, or no threads: then without room
            return call()
        threading.stack_size(size)
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
