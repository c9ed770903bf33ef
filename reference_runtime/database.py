"""The one database, for jobs and metrics: SQLite, or PostgreSQL that several services share."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    Column,
    Executable,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    create_engine,
    event,
    insert,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

__all__ = ["CLOCK", "JOBS", "PLUGINS", "Database", "SQLAlchemyError"]
_SCHEMA = MetaData()
PLUGINS = Table(
    "plugins",
    _SCHEMA,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    *(Column(name, Integer, nullable=False, server_default="0") for name in ("success_count", "error_count")),
    Column("total_time_ms", Float, nullable=False, server_default="0"),
    *(Column(name, Float) for name in ("last_execution_time_ms", "last_used")),
)
JOBS = Table(
    "jobs",
    _SCHEMA,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    *(Column(name, Text, nullable=False) for name in ("plugin", "state")),
    *(Column(name, Text) for name in ("payload", "result", "error", "owner", "request_id")),
    *(Column(name, Integer, nullable=False, server_default="0") for name in ("size", "tries")),
    *(Column(name, Float) for name in ("lease", "ended")),
)
CLOCK = Table("clock", _SCHEMA, Column("id", Integer, primary_key=True), Column("now", Float, nullable=False))
"""One row: seconds for which services have run. No step of a machine's clock moves it."""
for _name, _columns, _where in (
    ("waiting", ("number", "size"), "state = 'PENDING'"),
    ("running", ("lease",), "state = 'RUNNING'"),
    ("ended", ("ended",), "ended IS NOT NULL"),
):
    Index(
        f"jobs_{_name}",
        *(JOBS.c[each] for each in _columns),
        sqlite_where=text(_where),
        postgresql_where=text(_where),
    )


class Database:
    """Statements for the event loop, each a transaction of its own, in threads. Raises ``SQLAlchemyError``."""

    def __init__(self, url: str) -> None:
        is_sqlite = url.startswith("sqlite")
        patience: dict[str, Any] = {"timeout": 0.25, "isolation_level": "IMMEDIATE"}
        patience = patience if is_sqlite else {"connect_timeout": 3, "options": "-c statement_timeout=10000"}
        self._engine = create_engine(url, connect_args=patience, pool_pre_ping=not is_sqlite, pool_timeout=3)
        if is_sqlite:
            event.listen(self._engine, "connect", _set_up)
        self._threads = ThreadPoolExecutor(1 if is_sqlite else 4, "database")
        with suppress(SQLAlchemyError):  # another service may make them at this moment
            _SCHEMA.create_all(self._engine)
        _SCHEMA.create_all(self._engine)
        with suppress(SQLAlchemyError):
            self._run(insert(CLOCK).values(id=1, now=0.0), None)
        self._run(text("SELECT now FROM clock WHERE id = 1"), None)

    async def run(self, statement: Executable, rows: Any = None) -> Sequence[Row[Any]]:
        """What ``statement`` returns, with the values ``rows`` (a dict, or a list of them) for its parameters."""
        work = functools.partial(self._run, statement, rows)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _run(self, statement: Executable, rows: Any) -> Sequence[Row[Any]]:
        with self._engine.begin() as connection:
            result = connection.execute(statement, rows)
            return result.all() if result.returns_rows else []

    def close(self) -> None:
        """Close the connections."""
        self._threads.shutdown()
        self._engine.dispose()


def _set_up(connection: Any, record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
