"""The loop of the agent: what the model asks for is called on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.executor import ToolExecutor
from assistant.tools import Toolbox


class Agent:
    """Answers a request in steps."""

    def __init__(self, executor: ToolExecutor, toolbox: Toolbox) -> None:
        self._executor = executor
        self._actions = {name: toolbox.get(name) for name in ("word-count",)}

    def observe(self, steps: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
        for name, arguments in steps:
            if name in self._actions:
                yield repr(self._actions[name].invoke(arguments))
            else:
                observation, failure = self._executor.run(name, arguments)
                yield failure["error"]["type"] if failure else repr(observation)
