"""The loop of the agent: what the model asks for goes to the executor by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.executor import ToolExecutor


class Agent:
    """Answers a request in steps."""

    def __init__(self, executor: ToolExecutor) -> None:
        self._executor = executor

    def observe(self, steps: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
        for tool_name, arguments in steps:
            observation, failure = self._executor.run(tool_name, arguments)
            yield failure["error"]["type"] if failure else repr(observation)
