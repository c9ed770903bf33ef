"""One SQLite connection, for the thread of the event loop alone, whose writes share their commits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = sqlite3.Row


class Database:
    """The database at ``path``, made with ``schema``. Raises ``sqlite3.Error`` where SQLite does.

    ``patience`` is how many seconds a statement waits for another process that writes; ``wal`` is faster, but not
    for a file that several machines reach.
    """

    def __init__(self, path: Path, schema: str, patience: float, wal: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._waiting: list[asyncio.Future[None]] = []
        self._connection = sqlite3.connect(
            path, timeout=patience, isolation_level="IMMEDIATE", check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA page_size = 1024")  # rows are small, and pages are written whole
        self._connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
        self._connection.execute(f"PRAGMA synchronous = {'NORMAL' if wal else 'FULL'}")
        self._connection.executescript(schema)

    def run(self, statement: str, *values: Any) -> list[Row]:
        """The rows that ``statement`` gives with ``values`` for its question marks; what it writes is committed."""
        try:
            return self._connection.execute(statement, values).fetchall()
        finally:
            self._commit()

    def run_all(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run ``statement`` for each of ``rows``, all or none."""
        with self._connection:
            self._connection.executemany(statement, rows)

    def write(self, statement: str, *values: Any) -> asyncio.Future[None]:
        """Run ``statement``; to be awaited is its commit, one for all that is written in a turn of the event loop.

        Commits cost far more than statements, so requests that are served side by side share them.
        """
        loop = asyncio.get_running_loop()
        if not self._connection.in_transaction:
            loop.call_soon(self._commit)
        self._connection.execute(statement, values)
        committed: asyncio.Future[None] = loop.create_future()
        self._waiting.append(committed)
        return committed

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            self._connection.rollback()
            for each in waiting:
                if not each.done():
                    each.set_exception(error)
            raise
        for each in waiting:
            if not each.done():
                each.set_result(None)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
