"""The plugins that there are, the state of each, and their metrics (seed, section 4)."""

import asyncio
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from reference_runtime.database import Database
from reference_runtime.errors import ExecutionError, NotFound, ValidationError, build_error_envelope
from reference_runtime.isolation import Workers
from reference_runtime.plugins.base import Plugin
from reference_runtime.plugins.discovery import Found, names_in, sources

_COUNTS = ("success_count", "error_count", "total_time_ms")
_LAST = ("state", "last_execution_time_ms", "last_used")
_NOTHING: dict[str, Any] = dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_LAST)


class PluginRegistry:
    """Knows the plugins of the entry points and of ``folder``, and counts their runs in ``database``."""

    def __init__(self, database: Database, workers: Workers, folder: Path) -> None:
        self._database, self._workers, self._folder = database, workers, folder
        self._plugins: dict[str, Plugin] = {}
        self._reasons: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._stored: dict[str, dict[str, Any]] = {}
        self._owed: list[tuple[str, dict[str, Any]]] = []
        self._access = asyncio.Lock()

    async def load(self) -> None:
        """Find the plugins, anew if they were found before; those that run now go on as they are."""
        places, plugins, reasons = [*sources(self._folder)], dict[str, Plugin](), dict[str, str]()
        answers = (self._workers.call(names_in, place, f"? {place['label']}") for place in places)
        for place, names in zip(places, await asyncio.gather(*answers, return_exceptions=True)):
            if isinstance(names, BaseException):
                reasons[place["label"]], names = build_error_envelope(names, "")["error"]["message"], {}
            for name, attribute in names.items():
                if name in plugins:
                    reasons[place["label"]] = f"the name {name} is taken by another plugin"
                else:
                    plugins[name] = Found(name, place["module"], attribute)
        self._workers.retire()
        self._plugins = plugins
        self._reasons = {at: f"{why}; fix {at} and load the plugins again" for at, why in reasons.items()}
        self._states = dict.fromkeys(reasons, "UNAVAILABLE") | dict.fromkeys(plugins, "LOADED")
        logging.info("the plugins are %s", ", ".join(sorted(plugins)))

    def get(self, plugin_name: str) -> Plugin:
        """The plugin of that name; raises ``ValidationError`` if there is none that can run."""
        if plugin_name in self._plugins:
            return self._plugins[plugin_name]
        reason = self._reasons.get(plugin_name)
        raise ValidationError(f"the plugin is unavailable: {reason}" if reason else "there is no such plugin")

    def state_of(self, plugin_name: str) -> str:
        """The state in which its last run has left it."""
        return self._states[plugin_name]

    def update_execution_metrics(self, plugin_name: str, state: str, elapsed_ms: float, had_error: bool) -> None:
        """Count one execution of ``elapsed_ms`` milliseconds, to be written soon. An unknown plugin leaves no row."""
        if plugin_name in self._states:
            self._states[plugin_name] = state = state if plugin_name in self._plugins else "UNAVAILABLE"
            one = (int(not had_error), int(had_error), elapsed_ms, state, elapsed_ms, time.time())
            self._owed.append((plugin_name, dict(zip(_NOTHING, one))))

    async def write(self) -> None:
        """Write what is owed, and read what all services have counted. What cannot be written is owed still."""
        await asyncio.shield(self._write())  # half done it would lose what is owed: a shutdown cancels who waits for it

    async def _write(self) -> None:
        async with self._access:
            count, owed = len(self._owed), _totals(self._owed)
            rows = [{"name": name} | owed[name] for name in sorted(owed)]
            try:
                stored = await self._database.run(("add metrics", rows), ("metrics", {}))
                self._stored, owed = {row.name: dict(row._mapping) for row in stored}, {}
            except ExecutionError as error:
                logging.warning("the metrics could not be written: %s", error)
            self._owed[:count] = owed.items()

    async def describe(self) -> list[dict[str, Any]]:
        """Name, state and metrics of each plugin, by name; times in milliseconds, ``last_used`` in Unix seconds."""
        if not self._access.locked():  # else what is owed is being written, which may take long
            await self.write()
        totals = _totals([*self._stored.items(), *self._owed])
        return [self._described(name, _NOTHING | totals.get(name, {})) for name in sorted(self._states)]

    async def status(self, name: str) -> dict[str, Any]:
        """The same of one plugin, with the reason if it is unavailable. Raises ``NotFound``."""
        for each in await self.describe():
            if each["name"] == name:
                return each
        raise NotFound("there is no such plugin")

    def _described(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        total, count = row.pop("total_time_ms"), row["success_count"] + row["error_count"]
        state = "RUNNING" if self._workers.is_running(name) else self._states[name]
        average = {"avg_execution_time_ms": total / count if count else None}
        return row | average | {"name": name, "state": state, "reason": self._reasons.get(name)}

    async def exposition(self) -> bytes:
        """The metrics in Prometheus' text format."""
        runs = CounterMetricFamily("plugin_runs", "Runs by outcome", labels=["plugin", "outcome"])
        times = GaugeMetricFamily("plugin_execution_time_ms", "Time of a run", labels=["plugin", "which"])
        states = GaugeMetricFamily("plugin_state", "1 for the state it is in", labels=["plugin", "state"])
        for each in await self.describe():
            for outcome, which in (("success", "last"), ("error", "avg")):
                runs.add_metric([each["name"], outcome], each[f"{outcome}_count"])
                times.add_metric([each["name"], which], each[f"{which}_execution_time_ms"] or 0.0)
            states.add_metric([each["name"], each["state"]], 1)
        collector: Any = SimpleNamespace(collect=lambda: (runs, times, states))
        return generate_latest(collector)


def _totals(rows: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """By name, the counts of ``rows`` together, and the rest from the last."""
    totals: dict[str, dict[str, Any]] = {}
    for name, row in rows:
        before = totals.get(name, _NOTHING)
        totals[name] = row | {key: before[key] + row[key] for key in _COUNTS}
    return totals
