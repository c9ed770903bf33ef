"""The plugins that there are, the state of each, and their metrics (seed, section 4)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from reference_runtime.database import PLUGINS, Database, SQLAlchemyError
from reference_runtime.errors import ValidationError, build_error_envelope
from reference_runtime.isolation import Workers
from reference_runtime.plugins.base import Plugin
from reference_runtime.plugins.discovery import Found, names_in, sources

_LOG = logging.getLogger(__name__)
_COUNTED = ("success_count", "error_count", "total_time_ms")
_LAST = ("state", "last_execution_time_ms", "last_used")
_ADD = text(
    f"INSERT INTO plugins (name, {', '.join((*_COUNTED, *_LAST))})"
    f" VALUES (:name, {', '.join(f':{each}' for each in (*_COUNTED, *_LAST))}) ON CONFLICT (name) DO UPDATE SET "
    + ", ".join([f"{each} = plugins.{each} + excluded.{each}" for each in _COUNTED])
    + "".join([f", {each} = excluded.{each}" for each in _LAST])
)
_OFTEN = 0.1
Row = dict[str, Any]


class PluginRegistry:
    """Knows the plugins of the entry points and of ``folder``, and counts their runs in ``database``."""

    def __init__(self, database: Database, workers: Workers, folder: Path) -> None:
        self._database = database
        self._workers = workers
        self._folder = folder
        self._plugins: dict[str, Plugin] = {}
        self._reasons: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._running = Counter[str]()
        self._stored: dict[str, Row] = {}
        self._owed: dict[str, Row] = {}
        self._written: dict[str, Row] = {}
        self._store = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Find the plugins, anew if they were found before; those that run now go on as they are."""
        plugins: dict[str, Plugin] = {}
        reasons: dict[str, str] = {}
        self._workers.retire()
        places = list(sources(self._folder))
        for (label, module, _), said in zip(
            places, await asyncio.gather(*(self._names(*each) for each in places))
        ):
            if isinstance(said, str):
                reasons[label] = f"{said}; mend {label} and load the plugins again"
                continue
            for name, attribute in said.items():
                if name in plugins:
                    reasons[label] = (
                        f"the name {name!r} is taken by another plugin; give it a name of its own"
                    )
                else:
                    plugins[name] = Found(module, attribute)
        self._plugins, self._reasons = plugins, {k: why for k, why in reasons.items() if k not in plugins}
        self._states = dict.fromkeys(plugins, "LOADED") | dict.fromkeys(self._reasons, "UNAVAILABLE")
        await self._read()

    async def _names(self, label: str, module: str, attribute: str) -> dict[str, str] | str:
        """What a worker finds in a module: classes by name of plugin, or why it finds none."""
        try:
            asked = {"module": module, "attribute": attribute}
            found: dict[str, str] = await self._workers.call(names_in, asked, f"{label} (as it is loaded)")
            return found
        except Exception as error:
            return str(build_error_envelope(error, "")["error"]["message"])

    def get(self, plugin_name: str) -> Plugin:
        """The plugin of that name; raises ``ValidationError`` if there is none that can run."""
        plugin = self._plugins.get(plugin_name)
        if plugin is None:
            reason = self._reasons.get(plugin_name)
            raise ValidationError(
                f"the plugin is unavailable: {reason}" if reason else "there is no such plugin"
            )
        return plugin

    @property
    def names(self) -> list[str]:
        """Every plugin that can be run."""
        return sorted(self._plugins)

    def state_of(self, plugin_name: str) -> str:
        """The state that the last run has left it in."""
        return self._states.get(plugin_name, "UNAVAILABLE")

    @contextmanager
    def running(self, plugin_name: str) -> Iterator[None]:
        """While it is open, the plugin's state is RUNNING."""
        self._running[plugin_name] += 1
        try:
            yield
        finally:
            self._running[plugin_name] -= 1

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
        count = {
            "success_count": int(not had_error),
            "error_count": int(had_error),
            "total_time_ms": elapsed_ms,
        }
        last = {"last_execution_time_ms": elapsed_ms, "last_used": time.time()}
        row = {"name": plugin_name, "state": self._states[plugin_name], **count, **last}
        self._owed[plugin_name] = _sum(self._owed.get(plugin_name), row)
        self._wake()

    def _wake(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_often())

    async def _write_often(self) -> None:
        while self._owed:
            await self.write()
            await asyncio.sleep(_OFTEN)

    async def write(self) -> None:
        """Write what is owed; what the database does not take now is owed still."""
        async with self._store:
            if not self._owed:
                return
            self._written, self._owed = self._owed, {}
            try:
                await self._database.run(_ADD, [row for _, row in sorted(self._written.items())])
            except SQLAlchemyError as error:
                _LOG.warning("the metrics could not be written: %s", error)
                names = self._written | self._owed
                self._owed = {name: _sum(self._written.get(name), self._owed.get(name)) for name in names}
            else:
                for name, row in self._written.items():
                    self._stored[name] = _sum(self._stored.get(name), row)
            self._written = {}

    async def _read(self) -> None:
        async with self._store:
            with suppress(
                SQLAlchemyError
            ):  # what was read last, and what was counted since, is known all the same
                rows = await self._database.run(select(PLUGINS))
                self._stored = {row.name: dict(row._mapping) for row in rows}

    async def describe(self) -> list[Row]:
        """Name, state and metrics of each plugin, by name; times in milliseconds, ``last_used`` in Unix seconds."""
        await self._read()
        return [self._described(name) for name in sorted(self._states)]

    def _described(self, name: str) -> Row:
        row = _sum(self._stored.get(name), self._written.get(name), self._owed.get(name))
        count = row["success_count"] + row["error_count"]
        return {
            "name": name,
            "state": "RUNNING" if self._running[name] else self._states[name],
            "success_count": row["success_count"],
            "error_count": row["error_count"],
            "last_execution_time_ms": row.get("last_execution_time_ms"),
            "avg_execution_time_ms": row["total_time_ms"] / count if count else None,
            "last_used": row.get("last_used"),
            "reason": self._reasons.get(name),
        }


def _sum(*rows: Row | None) -> Row:
    """The counts of ``rows`` together, and the rest from the last that has it."""
    total: Row = dict.fromkeys(_COUNTED, 0)
    for row in filter(None, rows):
        total |= {key: total[key] + value if key in _COUNTED else value for key, value in row.items()}
    return total
