"""One SQLite connection that the threads of a process share."""

from __future__ import annotations

import sqlite3
import threading
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
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA page_size = 1024")  # rows are small, and pages are written whole
        self._connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
        self._connection.execute(f"PRAGMA synchronous = {'NORMAL' if wal else 'FULL'}")
        self._connection.executescript(schema)

    def run(self, statement: str, *values: Any) -> list[Row]:
        """The rows that ``statement`` gives with ``values`` for its question marks; what it writes is committed."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def run_all(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run ``statement`` for each of ``rows``, all or none."""
        with self._lock:
            if len(rows) == 1:
                self._connection.execute(statement, rows[0])
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(statement, rows)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
