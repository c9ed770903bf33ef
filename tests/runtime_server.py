"""The service in a process of its own, as a user starts it, and calls to it over HTTP."""

from __future__ import annotations

import base64
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

ROOT = Path(__file__).parents[1]
FAULTY = ROOT / "tests" / "faulty_plugins"


def png(width: int = 64, height: int = 48, colour: str = "red") -> bytes:
    """A real image."""
    stored = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stored, "PNG")
    return stored.getvalue()


def request(plugin: str, image: bytes | str | None = None, **changed: Any) -> dict[str, Any]:
    """The body of a good request, with ``changed`` in it; an ``image`` that is text is sent as it is."""
    encoded = (
        image if isinstance(image, str) else base64.b64encode(png() if image is None else image).decode()
    )
    return {"plugin": plugin, "image": encoded, "mime_type": "image/png", **changed}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``python -m reference_runtime`` with its data in ``data``; faulty plugins too if ``faulty``."""

    program: tuple[str, ...] = ("-m", "reference_runtime")

    def __init__(self, data: Path, *options: str, faulty: bool = False) -> None:
        self.data = data
        self.options = options
        self.port = free_port()
        folder = data / "plugins"
        folder.mkdir(parents=True, exist_ok=True)
        if faulty:
            for file in FAULTY.glob("*.py"):
                (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        self.start()

    @staticmethod
    def prepare() -> None:
        """Done in the process before it becomes the service."""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, *self.program, "--port", str(self.port), "--data", str(self.data)]
        self.log = (self.data / "log").open("ab")
        self.process = subprocess.Popen(
            [*command, *self.options], cwd=ROOT, stdout=self.log, stderr=self.log, preexec_fn=self.prepare
        )
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, limits=limits)
        if not eventually(self._answers, 60):
            self.kill()
            raise AssertionError((self.data / "log").read_text())

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.data / "log").read_text()
        try:
            return self.http.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """``kill -9``."""
        self.http.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self, by: int = signal.SIGINT) -> int:
        """End it as a user would; returns its exit status."""
        self.http.close()
        self.process.send_signal(by)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.log.close()

    def analyze(self, plugin: str, **changed: Any) -> httpx.Response:
        """``POST /v1/analyze``."""
        return self.http.post("/v1/analyze", json=request(plugin, **changed))

    def submit(self, plugin: str, **changed: Any) -> str:
        """``POST /v1/jobs``; the job's id."""
        answer = self.http.post("/v1/jobs", json=request(plugin, **changed))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def ended(self, job_id: str, seconds: float = 30) -> httpx.Response:
        """The answer about a job once it has ended."""
        last = self.http.get(f"/v1/jobs/{job_id}")

        def over() -> bool:
            nonlocal last
            last = self.http.get(f"/v1/jobs/{job_id}")
            return last.status_code != 409

        assert eventually(over, seconds), last.text
        return last

    def plugin(self, name: str) -> dict[str, Any]:
        """The state and metrics of a plugin."""
        found = [each for each in self.http.get("/v1/plugins").json() if each["name"] == name]
        assert found, f"no plugin {name}"
        return dict(found[0])

    def counts(self, name: str) -> tuple[int, int]:
        """Successes and errors of a plugin."""
        described = self.plugin(name)
        return described["success_count"], described["error_count"]

    def load_again(self) -> None:
        """``SIGHUP``; returns when the plugins are there."""

        def loads() -> int:
            return (self.data / "log").read_text().count("root: the plugins are ")

        before = loads()
        self.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: loads() > before, 20)

    @contextmanager
    def added(self, **plugins: str) -> Iterator[Path]:
        """With more files in the folder of plugins, by their names."""
        files = {self.data / "plugins" / f"{name}.py": text for name, text in plugins.items()}
        for file, text in files.items():
            file.write_text(text)
        self.load_again()
        try:
            yield self.data / "plugins"
        finally:
            for file in files:
                file.unlink()
            self.load_again()

    def family(self) -> dict[int, str]:
        """The state of each process below the service, by pid; a fork server and its workers among them."""
        return descendants(self.process.pid)

    def workers(self) -> list[int]:
        """The pids of the worker processes."""
        return [pid for pid in self.family() if _session_of(pid) == pid]

    def fork_server(self) -> int:
        """The pid of the process that workers are started from."""
        return next(pid for pid in self.family() if "forkserver" in command_of(pid))

    def holdings(self) -> tuple[int, int, int]:
        """How many processes there are below it, how many of them zombies, and how many descriptors it has open."""
        states = [*self.family().values()]
        return len(states), states.count("Z"), len([*Path(f"/proc/{self.process.pid}/fd").iterdir()])


def descendants(pid: int) -> dict[int, str]:
    """The state of each process below ``pid``."""
    parents: dict[int, tuple[int, str]] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = each.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        parents[int(each.parent.name)] = (int(parent), state)
    found: dict[int, str] = {}
    todo = [pid]
    while todo:
        above = todo.pop()
        below = {child: state for child, (parent, state) in parents.items() if parent == above}
        found |= below
        todo += below
    return found


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:  # it has ended just now
        return 0


def command_of(pid: int) -> str:
    """The command line of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def eventually(check: Callable[[], bool], seconds: float) -> bool:
    """Whether ``check`` comes true within ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return check()


def is_error_object(answer: Mapping[str, Any]) -> bool:
    """Whether an answer is ``{"detail": error object}`` and nothing else."""
    fields = {"type", "message", "details", "plugin", "timestamp"}
    return set(answer) == {"detail"} and set(answer["detail"]) == fields


def lives(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
