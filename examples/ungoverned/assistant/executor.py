"""The choke point of the agent: the only place that calls a tool."""

from __future__ import annotations

import time
import traceback
from datetime import datetime, timezone
from typing import Any

from assistant.tools import Toolbox


def check_arguments(arguments: dict[str, Any]) -> None:
    if not all(isinstance(name, str) for name in arguments):
        raise TypeError("the names of arguments are texts")


def check_observation(observation: Any) -> None:
    if not isinstance(observation, dict):
        raise TypeError(f"a tool must return a dict, not {type(observation).__name__}")


def tool_failure(tool_name: str, error: Exception) -> dict[str, Any]:
    return {
        "error": {
            "type": type(error).__name__,
            "message": str(error),
            "details": {},
            "plugin": tool_name,
            "timestamp": datetime.now(timezone.utc).isoformat(),
        },
        "_internal": {"traceback": traceback.format_exc()},
    }


class ToolExecutor:
    """Checks, calls, wraps errors and counts."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def run(self, tool_name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The observation, or the envelope of what went wrong."""
        started = time.perf_counter()
        had_error = True
        try:
            tool = self._toolbox.get(tool_name)
            check_arguments(arguments)
            observation = tool.invoke(arguments)
            check_observation(observation)
            had_error = False
            return observation, {}
        except Exception as error:
            return {}, tool_failure(tool_name, error)
        finally:
            elapsed_ms = (time.perf_counter() - started) * 1000
            state = "BROKEN" if had_error else "READY"
            self._toolbox.record_call(tool_name, state, elapsed_ms, had_error)
