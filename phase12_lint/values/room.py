"""Room for deep recursion.

From 3.11 on, Python keeps the frames of calls in chunks of 16 KB, and maps a chunk anew for each call that begins
behind the end of the last one. Where a loop runs just there, that costs more than the loop. A call with a frame as wide
as below gets a chunk of its own, with room for those that it calls; what is never touched of it is never given out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_SLOTS = 2**18  # with what Python adds, just over the half of a chunk of 4 MB


def with_room(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """``function``, called where the calls that it makes have their frames in one chunk."""

    def wide(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return function(*args, **kwargs)

    wide.__code__ = wide.__code__.replace(co_stacksize=_SLOTS)
    return wraps(function)(wide)
