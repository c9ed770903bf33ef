"""The plugins that there are, the state of each, and their metrics (seed, section 4)."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reference_runtime.database import Database
from reference_runtime.errors import ValidationError
from reference_runtime.plugins.base import Plugin
from reference_runtime.plugins.discovery import discover

_LOG = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS plugins (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, success_count INTEGER NOT NULL DEFAULT 0,
    error_count INTEGER NOT NULL DEFAULT 0, total_time_ms REAL NOT NULL DEFAULT 0,
    last_execution_time_ms REAL, last_used REAL)
"""
_UPDATE = """
UPDATE plugins SET state = ?, success_count = success_count + ?, error_count = error_count + ?,
    total_time_ms = total_time_ms + ?, last_execution_time_ms = ?, last_used = ? WHERE name = ?
"""


class PluginRegistry:
    """Holds the plugins of the entry points and of ``folder``; counts in the SQLite file ``database``."""

    def __init__(self, database: Path, folder: Path) -> None:
        self._database = Database(database, _SCHEMA, patience=0.05)
        self._folder = folder
        self._running = Counter[str]()
        self._owed: list[tuple[Any, ...]] = []
        self.failed_updates = 0
        self._generation = 0
        self.load()

    def load(self) -> None:
        """Find the plugins, anew if they were found before; those that run now go on as they are."""
        plugins, reasons = discover(self._folder, self._generation + 1)
        states = [(name, "LOADED") for name in plugins] + [(name, "UNAVAILABLE") for name in reasons]
        self._database.run_all(
            "INSERT INTO plugins (name, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
            states,
        )
        self._plugins: dict[str, Plugin] = plugins
        self._reasons: dict[str, str] = reasons
        self._generation += 1

    def get(self, plugin_name: str) -> Plugin:
        """The plugin of that name; raises ``ValidationError`` if there is none that can run."""
        plugin = self._plugins.get(plugin_name)
        if plugin is None:
            reason = self._reasons.get(plugin_name)
            raise ValidationError(
                f"the plugin is unavailable: {reason}" if reason else "there is no such plugin"
            )
        return plugin

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

        Never raises for the store's sake: what cannot be written now is logged, and written with a later update.
        The executions of one turn of the event loop are written together, before anything that is awaited after.
        """
        self._owed.append((state, not had_error, had_error, elapsed_ms, elapsed_ms, time.time(), plugin_name))
        try:
            asyncio.get_running_loop().call_soon(self._write_owed)
        except RuntimeError:  # there is no event loop
            self._write_owed()

    def _write_owed(self) -> None:
        if not self._owed:
            return
        try:
            self._database.run_all(_UPDATE, self._owed)
        except sqlite3.Error:
            self.failed_updates += 1
            _LOG.exception("the metrics could not be written")
        else:
            self._owed.clear()

    def describe(self) -> list[dict[str, Any]]:
        """Name, state and metrics of each plugin, by name; times in milliseconds, ``last_used`` in Unix seconds."""
        rows = self._database.run("SELECT * FROM plugins ORDER BY name")
        return [self._described(row) for row in rows if row["name"] in {*self._plugins, *self._reasons}]

    def _described(self, row: sqlite3.Row) -> dict[str, Any]:
        name = row["name"]
        count = row["success_count"] + row["error_count"]
        return {
            "name": name,
            "state": "RUNNING" if self._running[name] else row["state"],
            "success_count": row["success_count"],
            "error_count": row["error_count"],
            "last_execution_time_ms": row["last_execution_time_ms"],
            "avg_execution_time_ms": row["total_time_ms"] / count if count else None,
            "last_used": row["last_used"],
            "reason": self._reasons.get(name),
        }

    def close(self) -> None:
        """Close the store."""
        self._database.close()
