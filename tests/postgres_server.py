"""A PostgreSQL of its own for tests: Debian's, started as a user who may."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.runtime_server import eventually, free_port


@contextmanager
def postgres_server() -> Iterator[str]:
    """Its URL, without the name of a database, while it is open."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert found, "postgresql is missing; `sh tests/system-packages.sh` installs it"
    programs, port = found[-1].parent, free_port()
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:  # the server refuses to be root's
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="phase12-postgres-") as folder:
        if as_user:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        options = ("-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        subprocess.run(
            [programs / "initdb", "-D", data, *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **as_user,
        )
        settings = ("-F", "-p", str(port), "-k", "", "-h", "127.0.0.1", "-c", "max_connections=60")
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *settings], stderr=log, cwd="/", **as_user
            )
        url = f"tester@127.0.0.1:{port}"
        try:
            assert eventually(lambda: _answers(f"postgresql://{url}/postgres"), 20), (
                Path(folder) / "log"
            ).read_text()
            yield f"postgresql+psycopg://{url}"
        finally:
            server.send_signal(signal.SIGINT)  # which waits for no client
            server.wait(20)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def new_database(server: str, name: str) -> str:
    """The URL of a new database on ``server``."""
    with psycopg.connect(f"{server.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}/{name}"
