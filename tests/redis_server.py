"""A Redis of its own for a test."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.runtime_server import eventually, free_port


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Its URL, while it is open; its data in ``folder``."""
    program = shutil.which("redis-server")
    assert program, "redis-server is missing; `sh tests/system-packages.sh` installs it"
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    try:
        assert eventually(answers, 10)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()
