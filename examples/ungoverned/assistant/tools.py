"""The tools that the agent may call."""

from __future__ import annotations

from typing import Any, Protocol


class Tool(Protocol):
    """Something that the model may ask for by its name."""

    def invoke(self, arguments: dict[str, Any]) -> dict[str, Any]: ...


class WordCount:
    """Counts the words of a text."""

    def invoke(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"words": len(arguments["text"].split())}


class Toolbox:
    """The tools by name, and what has been counted of each."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {"word-count": WordCount()}
        self._calls: dict[str, list[tuple[str, float, bool]]] = {}

    def get(self, name: str) -> Tool:
        return self._tools[name]

    def record_call(self, plugin_name: str, state: str, elapsed_ms: float, had_error: bool) -> None:
        self._calls.setdefault(plugin_name, []).append((state, elapsed_ms, had_error))
