"""The one database, for jobs and metrics: SQLite, or PostgreSQL that several services share."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Row, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

Statement = tuple[str, Any]  # and the values (a dict, or dicts for one run each) for its names


class Database:
    """Runs statements in threads, on the tables of ``schema.sql``. Raises ``SQLAlchemyError``."""

    def __init__(self, url: str) -> None:
        self.is_shared = not url.startswith("sqlite")
        options: dict[str, Any] = {"timeout": 0.25, "isolation_level": "IMMEDIATE"}
        if self.is_shared:
            options = {"connect_timeout": 3, "options": "-c statement_timeout=5000"}
        self._engine = create_engine(url, connect_args=options, pool_pre_ping=self.is_shared, pool_timeout=5)
        if not self.is_shared:
            journal = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"
            event.listen(self._engine, "connect", lambda opened, _: opened.executescript(journal))
        self._threads = ThreadPoolExecutor(4 if self.is_shared else 1, "database")
        for statement in Path(__file__).with_name("schema.sql").read_text(encoding="ascii").split(";")[:-1]:
            with suppress(SQLAlchemyError):  # another service may be doing the same
                self._run((statement, {}))
            self._run((statement, {}))

    async def run(self, *statements: Statement) -> Sequence[Row[Any]]:
        """What the first of ``statements`` returns; all are one transaction."""
        loop = asyncio.get_running_loop()
        return (await loop.run_in_executor(self._threads, self._run, *statements))[0]

    def _run(self, *statements: Statement) -> list[Sequence[Row[Any]]]:
        with self._engine.begin() as connection:
            results = (connection.execute(text(statement), values) for statement, values in statements)
            return [result.all() if result.returns_rows else [] for result in results]

    def close(self) -> None:
        """Close the connections."""
        self._threads.shutdown()
        self._engine.dispose()
