"""The plugins that there are, the state of each, and their metrics (seed, section 4)."""

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from reference_runtime.database import Database
from reference_runtime.errors import ValidationError, build_error_envelope
from reference_runtime.isolation import Workers
from reference_runtime.plugins.base import Plugin
from reference_runtime.plugins.discovery import Found, names_in, sources

_COUNTS = ("success_count", "error_count", "total_time_ms")
_LAST = ("state", "last_execution_time_ms", "last_used")
_NOTHING: dict[str, Any] = dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_LAST)
_OFTEN = 0.1
_ADD = f"""
INSERT INTO plugins (name, {", ".join(_NOTHING)}) VALUES (:name, :{", :".join(_NOTHING)})
ON CONFLICT (name) DO UPDATE SET {", ".join(f"{key} = plugins.{key} + excluded.{key}" for key in _COUNTS)},
{", ".join(f"{key} = excluded.{key}" for key in _LAST)}
"""
_LOG = logging.getLogger(__name__)


class PluginRegistry:
    """Knows the plugins of the entry points and of ``folder``, and counts their runs in ``database``."""

    def __init__(self, database: Database, workers: Workers, folder: Path) -> None:
        self._database, self._workers, self._folder = database, workers, folder
        self._plugins: dict[str, Plugin] = {}
        self._reasons: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._stored: dict[str, dict[str, Any]] = {}
        self._owed: dict[str, dict[str, Any]] = {}
        self._access = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None

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
        _LOG.info("the plugins are %s", ", ".join(sorted(plugins)))

    def get(self, plugin_name: str) -> Plugin:
        """The plugin of that name; raises ``ValidationError`` if there is none that can run."""
        if plugin_name in self._plugins:
            return self._plugins[plugin_name]
        reason = self._reasons.get(plugin_name)
        raise ValidationError(f"the plugin is unavailable: {reason}" if reason else "there is no such plugin")

    def state_of(self, plugin_name: str) -> str:
        """The state in which its last run has left it."""
        return self._states.get(plugin_name, "UNAVAILABLE")

    def update_execution_metrics(
        self, plugin_name: str, state: str, elapsed_ms: float, had_error: bool
    ) -> None:
        """Count one execution of ``elapsed_ms`` milliseconds. A name without a plugin leaves no row.

        It is written soon, and nobody waits for that; what cannot be written now is written later.
        """
        if plugin_name not in self._states:
            return
        if plugin_name in self._plugins:
            self._states[plugin_name] = state
        counts = (int(not had_error), int(had_error), elapsed_ms)
        last = (self._states[plugin_name], elapsed_ms, time.time())
        self._owed[plugin_name] = _sum(self._owed.get(plugin_name), dict(zip(_NOTHING, counts + last)))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._keep_writing())

    async def _keep_writing(self) -> None:
        while self._owed:
            await self.write()
            await asyncio.sleep(_OFTEN)

    async def write(self) -> None:
        """Write what is owed; what the database does not take is owed still."""
        async with self._access:
            owed, self._owed = self._owed, {}
            try:
                if owed:
                    await self._database.run((_ADD, [{"name": name} | owed[name] for name in sorted(owed)]))
            except SQLAlchemyError as error:
                _LOG.warning("the metrics could not be written: %s", type(error).__name__)
                self._owed = {name: _sum(owed.get(name), self._owed.get(name)) for name in owed | self._owed}

    async def describe(self) -> list[dict[str, Any]]:
        """Name, state and metrics of each plugin, by name; times in milliseconds, ``last_used`` in Unix seconds."""
        async with self._access:
            with suppress(SQLAlchemyError):  # else what was read last is told, and what was counted since
                rows = await self._database.run(("SELECT * FROM plugins", {}))
                self._stored = {row.name: dict(row._mapping) for row in rows}
            return [self._described(name) for name in sorted(self._states)]

    def _described(self, name: str) -> dict[str, Any]:
        row = _sum(self._stored.get(name), self._owed.get(name))
        total, count = row.pop("total_time_ms"), row["success_count"] + row["error_count"]
        state = "RUNNING" if self._workers.is_running(name) else self._states[name]
        return row | {
            "name": name,
            "state": state,
            "healthy": state not in ("FAILED", "UNAVAILABLE"),
            "reason": self._reasons.get(name),
            "avg_execution_time_ms": total / count if count else None,
        }

    async def exposition(self) -> bytes:
        """The same in Prometheus' text format."""
        runs = CounterMetricFamily("plugin_runs", "Runs by outcome", labels=["plugin", "outcome"])
        times = GaugeMetricFamily("plugin_execution_time_ms", "Time of a run", labels=["plugin", "which"])
        states = GaugeMetricFamily("plugin_state", "1 for the state it is in", labels=["plugin", "state"])
        for each in await self.describe():
            for outcome in ("success", "error"):
                runs.add_metric([each["name"], outcome], each[f"{outcome}_count"])
            for which in ("last", "avg"):
                times.add_metric([each["name"], which], each[f"{which}_execution_time_ms"] or 0.0)
            states.add_metric([each["name"], each["state"]], 1)
        collector: Any = SimpleNamespace(collect=lambda: (runs, times, states))
        return generate_latest(collector)


def _sum(*rows: dict[str, Any] | None) -> dict[str, Any]:
    """The counts of ``rows`` together, and the rest from the last that has it."""
    total = {**_NOTHING}
    for row in filter(None, rows):
        total = total | row | {key: total[key] + row[key] for key in _COUNTS}
    return total
