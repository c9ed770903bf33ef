"""``python -m reference_runtime``: the service on a port."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

import uvicorn

from reference_runtime.app import create_app
from reference_runtime.settings import Settings, SettingsError


def main() -> int:
    """Serve until interrupted; returns 2 if it cannot start, with the reason on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m reference_runtime", description="Governed image analysis."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8012)
    parser.add_argument(
        "--data", type=Path, default=Path("runtime-data"), help="folder for databases and plugins"
    )
    parser.add_argument("--queue", default="", help="Redis URL; SQLite in the data folder if left out")
    parser.add_argument(
        "--shared-jobs", type=Path, help="jobs database that all services of a Redis queue use"
    )
    parser.add_argument("--workers", type=int, default=2, help="worker processes for plugins")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds that a plugin may run")
    parser.add_argument("--memory-limit", type=int, default=1024, help="MiB that a worker process may use")
    parser.add_argument("--most-waiting", type=int, default=256, help="runs that may wait for a worker")
    asked = parser.parse_args()
    try:
        settings = Settings(
            data=asked.data.resolve(),
            queue=asked.queue,
            shared_jobs=asked.shared_jobs,
            workers=asked.workers,
            time_limit=asked.time_limit,
            most_waiting=asked.most_waiting,
            memory_limit=asked.memory_limit << 20,
        )
        app = create_app(settings)
    except (SettingsError, OSError, sqlite3.Error) as error:
        print(f"reference_runtime: {error}", file=sys.stderr)
        return 2
    uvicorn.run(app, host=asked.host, port=asked.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
