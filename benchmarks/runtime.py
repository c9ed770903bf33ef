"""``make bench-runtime``: what governance costs beside bare FastAPI, and what full tables cost beside empty ones.

Each round runs wrk (Debian: wrk) against two services in turn; the tables hold the medians and are kept in
``benchmarks/RUNTIME.md``. One uvicorn worker each; the plugin is ``metadata``. ``-m benchmarks.runtime quick`` takes
three rounds of two seconds.
"""

from __future__ import annotations

import base64
import io
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

from PIL import Image
from sqlalchemy import create_engine, text

from tests.postgres_server import new_database, postgres_server

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "benchmarks" / "RUNTIME.md"
ROUNDS, SECONDS = (3, 2) if "quick" in sys.argv else (5, 4)
BARE = """
from typing import Any
from fastapi import FastAPI
from pydantic import BaseModel
import uvicorn

class Asked(BaseModel):
    plugin: str
    image: str
    mime_type: str
    options: dict[str, Any] = {}

app = FastAPI()

@app.post("/v1/analyze")
async def analyze(asked: Asked) -> dict[str, Any]:
    return {"result": {"bytes": len(asked.image)}, "plugin": asked.plugin}

@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {}

uvicorn.run(app, port=8022, log_level="warning", access_log=False)
"""
BARE_PORT, GOVERNED = 8022, 8021


def image(size: int) -> bytes:
    """A PNG of about ``size`` bytes, of noise."""
    side = max(8, int((size / 3) ** 0.5))
    noise = random.Random(1).randbytes(side * side * 3)
    stored = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(stored, "PNG")
    return stored.getvalue()


def script(folder: Path, size: int) -> Path:
    """A wrk script that posts an image of about ``size`` bytes."""
    body = {"plugin": "metadata", "image": base64.b64encode(image(size)).decode(), "mime_type": "image/png"}
    (folder / f"{size}.json").write_text(json.dumps(body), encoding="ascii")
    lua = folder / f"{size}.lua"
    lua.write_text(
        f'local file = io.open("{folder}/{size}.json")\nwrk.body = file:read("*a")\nwrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "application/json"\n',
        encoding="ascii",
    )
    return lua


def throughput(port: int, lua: Path, connections: int = 16) -> float:
    """Requests a second; raises ``RuntimeError`` if one was not answered by 200."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "30s", "-s", str(lua)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/v1/analyze"], capture_output=True, text=True, check=True
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def wait_for(port: int) -> None:
    """Until the service answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


@contextmanager
def service(*arguments: str, port: int) -> Iterator[None]:
    """A process that serves on ``port``."""
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=usual)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def governed(folder: Path, port: int, *options: str) -> Iterator[None]:
    """The runtime on ``port``."""
    with service("-m", "reference_runtime", f"--port={port}", f"--data={folder}", *options, port=port):
        yield


def in_turn(ports: tuple[int, int], lua: Path, connections: int = 16) -> tuple[float, float]:
    """The medians of both, measured in turn, after one round to warm up."""
    rates: dict[int, list[float]] = {port: [] for port in ports}
    for _ in range(ROUNDS + 1):
        for port in ports:
            rates[port].append(throughput(port, lua, connections))
    first, second = (median(rates[port][1:]) for port in ports)
    return first, second


class Healthz(Thread):
    """Asks for ``/healthz`` again and again; ``worst`` is the longest time it took, in seconds."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.url, self.worst, self.is_over = f"http://127.0.0.1:{port}/healthz", 0.0, False

    def run(self) -> None:
        """Until it is over."""
        while not self.is_over:
            began = time.perf_counter()
            urllib.request.urlopen(self.url).read()
            self.worst = max(self.worst, time.perf_counter() - began)
            time.sleep(0.02)


def fill(url: str, state: str, count: int) -> None:
    """Put ``count`` jobs in that state into the database."""
    engine = create_engine(url)
    row = (
        "INSERT INTO jobs (id, plugin, payload, size, state, tries, made, ended, result)"
        " VALUES (:id, 'metadata', :payload, :size, :state, 1, :made, :ended, :result)"
    )
    payload = json.dumps(
        {"image": base64.b64encode(image(700)).decode(), "mime_type": "image/png", "options": {}}
    )
    for begin in range(0, count, 50_000):
        with engine.begin() as connection:
            end = {"ended": 1.0, "result": "{}" * 100, "payload": None}
            same: dict[str, Any] = {"state": state, "size": len(payload)}
            same |= end if state == "SUCCESS" else dict.fromkeys(end) | {"payload": payload}
            places = range(begin, min(begin + 50_000, count))
            values = [{**same, "id": str(uuid.uuid4()), "made": float(at)} for at in places]
            connection.execute(text(row), values)
    engine.dispose()


def of_tables(folder: Path, lua: Path) -> list[str]:
    """Rows: a service whose table is full beside one whose table is empty."""
    rows = []
    other = GOVERNED + 10
    forever = ("--keep-jobs=9999999",)
    with governed(folder / "empty", GOVERNED):
        for label, state, count in (
            ("1,000,000 finished", "SUCCESS", 1_000_000),
            ("10,000 waiting", "PENDING", 10_000),
        ):
            full = folder / state
            with governed(full, other):
                pass  # makes the tables
            fill(f"sqlite:///{full / 'runtime.db'}", state, count)
            with governed(full, other, *forever):
                rows.append(_beside(label, other, lua))
        with postgres_server() as server:
            url = new_database(server, "bench")
            shared = (f"--database={url}", *forever)
            with governed(folder / "one", other, *shared), governed(folder / "two", other + 1, *shared):
                rows.append(_beside("PostgreSQL, two services", other, lua))
    return rows


def _beside(label: str, port: int, lua: Path) -> str:
    healthz = Healthz(port)
    healthz.start()
    empty, full = in_turn((GOVERNED, port), lua)
    healthz.is_over = True
    healthz.join()
    print(
        row
        := f"| {label} | {empty:,.0f} | {full:,.0f} | {full / empty:.2f} | {healthz.worst * 1000:,.0f} ms |",
        flush=True,
    )
    return row


def of_bodies(folder: Path) -> list[str]:
    """Rows: the runtime beside bare FastAPI."""
    rows = []
    with service("-c", BARE, port=BARE_PORT), governed(folder / "data", GOVERNED):
        for label, size in (("1 KB", 700), ("1.4 MB", 1_400_000)):
            for connections in (1, 16, 64):
                bare, ours = in_turn((BARE_PORT, GOVERNED), script(folder, size), connections)
                rows.append(f"| {label} | {connections} | {bare:,.0f} | {ours:,.0f} | {ours / bare:.2f} |")
                print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the tables and keep them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bodies = of_bodies(folder)
        tables = of_tables(folder, script(folder, 700))
    names = ("fastapi", "uvicorn", "pydantic", "sqlalchemy", "pillow")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    load = os.getloadavg()[2]
    KEPT.write_text(
        "# What governance costs\n\n"
        f"`make bench-runtime`: wrk for {SECONDS} s, one uvicorn worker each, in turn; medians of {ROUNDS} after one "
        f"to warm up. {os.cpu_count()} cores, with an average load of {load:.1f} from this and all else.\n\n"
        "| body | connections | bare FastAPI, requests/s | governed, requests/s | governed / bare |\n"
        "|---|---|---|---|---|\n" + "\n".join(bodies) + "\n\n"
        "The same with full tables, 1 KB at 16 connections, beside a service with an empty SQLite table:\n\n"
        "| table | empty, requests/s | this, requests/s | this / empty | worst `/healthz` |\n"
        "|---|---|---|---|---|\n" + "\n".join(tables) + "\n\n"
        f"Python {platform.python_version()}, {versions}.\n",
        encoding="utf-8",
    )
    print(f"kept in {KEPT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
