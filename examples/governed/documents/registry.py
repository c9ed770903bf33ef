"""Holds the plugins and what their executions came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.plugins import Plugin


@dataclass
class Metrics:
    """How a plugin has done so far."""

    success_count: int = 0
    error_count: int = 0
    last_execution_time_ms: float = 0.0
    state: str = "LOADED"


class PluginRegistry:
    """The plugins by name."""

    def __init__(self) -> None:
        self._plugins: dict[str, Plugin] = {}
        self._metrics: dict[str, Metrics] = {}

    def register(self, plugin: Plugin) -> None:
        self._plugins[plugin.name] = plugin
        self._metrics[plugin.name] = Metrics()

    def get(self, name: str) -> Plugin:
        return self._plugins[name]

    def names(self) -> Iterator[str]:
        return iter(self._plugins)

    def update_execution_metrics(
        self, plugin_name: str, state: str, elapsed_ms: float, had_error: bool
    ) -> None:
        metrics = self._metrics.setdefault(plugin_name, Metrics())
        metrics.success_count += not had_error
        metrics.error_count += had_error
        metrics.last_execution_time_ms = elapsed_ms
        metrics.state = state
