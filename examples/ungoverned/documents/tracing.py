"""Times every execution, from the outside."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from documents import tool_runner

log = logging.getLogger(__name__)


def timed(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            log.info("%s took %.3f s", function.__name__, time.perf_counter() - started)

    return wrapper


def install() -> None:
    tool_runner.ToolRunner.run = timed(tool_runner.ToolRunner.run)
