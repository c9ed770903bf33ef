"""``make bench-runtime``: what governance costs, as throughput beside bare FastAPI on the same server.

Each round runs wrk (Debian: wrk) against both services in turn; the table holds the medians and is kept in
``benchmarks/RUNTIME.md``. One uvicorn worker each; the plugin is ``metadata``.
"""

from __future__ import annotations

import base64
import io
import json
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path
from statistics import median

from PIL import Image

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "benchmarks" / "RUNTIME.md"
ROUNDS, SECONDS, CONNECTIONS = 5, 4, 16
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
SERVICES = {8022: "bare", 8021: "governed"}


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


def throughput(port: int, lua: Path) -> float:
    """Requests a second; raises ``RuntimeError`` if one was not answered by 200."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(lua)]
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
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def main() -> None:
    """Print the table and keep it."""
    rows = [
        "| body | bare FastAPI, requests/s | governed, requests/s | governed / bare |",
        "|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runtime = ["-m", "reference_runtime", "--port", "8021", "--data", str(folder / "data")]
        started = [
            subprocess.Popen([sys.executable, *arguments], cwd=ROOT) for arguments in (["-c", BARE], runtime)
        ]
        try:
            for port in SERVICES:
                wait_for(port)
            for label, size in (("1 KB", 700), ("1.4 MB", 1_400_000)):
                lua = script(folder, size)
                rates: dict[str, list[float]] = {"bare": [], "governed": []}
                for _ in range(ROUNDS + 1):
                    for port, service in SERVICES.items():
                        rates[service].append(throughput(port, lua))
                bare, governed = (median(rates[service][1:]) for service in ("bare", "governed"))
                rows.append(f"| {label} | {bare:,.0f} | {governed:,.0f} | {governed / bare:.2f} |")
                print(rows[-1], flush=True)
        finally:
            for process in started:
                process.terminate()
                process.wait()
    names = ("fastapi", "uvicorn", "pydantic", "pebble", "huey", "pillow")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    KEPT.write_text(
        "# What governance costs\n\n"
        f"`make bench-runtime`: wrk, {CONNECTIONS} connections, {SECONDS} s, one uvicorn worker each, in turn; "
        f"medians of {ROUNDS} after one to warm up.\n\n" + "\n".join(rows) + "\n\n"
        f"Python {platform.python_version()}, {versions}.\n",
        encoding="utf-8",
    )
    print(f"kept in {KEPT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
