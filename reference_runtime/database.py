"""The one database, for jobs and metrics: SQLite, or PostgreSQL that several services share."""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import Row, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from reference_runtime.errors import ExecutionError

_TABLES, _STATEMENTS = (Path(__file__).with_name(f"{each}.sql").read_text("ascii") for each in ("tables", "statements"))
_PATIENCE = 5.0  # seconds; what has taken longer is rolled back
Statement = tuple[str, Any]  # its name, and the values (a dict, or dicts for one run each)


class Database:
    """Runs ``statements.sql`` on the tables of ``tables.sql``. Making one raises ``SQLAlchemyError``."""

    def __init__(self, url: str) -> None:
        alone: dict[str, Any] = {"timeout": 0.25, "isolation_level": "IMMEDIATE"}
        shared: dict[str, Any] = {"connect_timeout": 3, "options": "-c statement_timeout=5000"}
        is_shared = not url.startswith("sqlite")
        self._engine = create_engine(url, connect_args=shared if is_shared else alone, pool_pre_ping=is_shared)
        self._sockets = WeakSet[Any]()
        if is_shared:
            event.listen(self._engine, "connect", lambda opened, _: self._sockets.add(opened))
        else:
            journal = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"
            event.listen(self._engine, "connect", lambda opened, _: opened.executescript(journal))
        self._threads = ThreadPoolExecutor(4 if is_shared else 1, "database")
        named = (part.partition("\n") for part in _STATEMENTS.split("-- name: ")[1:])
        skip_locked = "FOR UPDATE SKIP LOCKED" if is_shared else ""
        self.statements = {name: text(statement.format(skip_locked=skip_locked)) for name, _, statement in named}
        with self._engine.begin() as connection:
            if is_shared:  # another service may be doing the same
                connection.execute(text("SELECT pg_advisory_xact_lock(12)"))
            for statement in _TABLES.split(";")[:-1]:
                connection.execute(text(statement))

    async def run(self, *statements: Statement) -> Sequence[Row[Any]]:
        """What the last of ``statements`` returns; all are one transaction. Raises ``ExecutionError``."""
        run = partial(self._run, statements, time.monotonic() + _PATIENCE)
        try:
            return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(self._threads, run), _PATIENCE + 1)
        except (SQLAlchemyError, asyncio.TimeoutError) as error:
            raise ExecutionError("the database does not answer; try again later") from error

    def _run(self, statements: Sequence[Statement], end: float) -> Sequence[Row[Any]]:
        with self._engine.begin() as connection:
            for name, values in statements:
                if values != []:
                    result = connection.execute(self.statements[name], values)
            rows = result.all() if result.returns_rows else []
            if time.monotonic() > end:  # who asked has been told that it failed, or will be
                raise SQLAlchemyError("it took too long")
            return rows

    def close(self) -> None:
        """Close the connections, and hang up on a server that does not answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for opened in [*self._sockets]:
            with suppress(Exception), socket.socket(fileno=os.dup(opened.fileno())) as channel:
                channel.shutdown(socket.SHUT_RDWR)
        self._threads.shutdown()
        self._engine.dispose()
