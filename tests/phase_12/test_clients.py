"""Clients that are slow, many, foreign or malformed; settings that cannot be; and what the log says of all that."""

from __future__ import annotations

import json
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from reference_runtime.__main__ import main
from tests.runtime_server import ROOT, Server, eventually, is_error_object, request
from tests.thinning import thinned


class Narrow(Server):
    """A service that may open 256 descriptors."""

    def clients(self) -> set[int]:
        """The ports of those that are connected."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ends = ((row[1], row[2], row[3]) for row in rows)
        own = f":{self.port:04X}"
        return {int(theirs[-4:], 16) for ours, theirs, state in ends if ours.endswith(own) and state == "01"}

    @staticmethod
    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Narrow]:
    options = ("--client-seconds", "1.5", "--most-clients", "150")
    server = Narrow(tmp_path_factory.mktemp("narrow"), *options, faulty=True)
    yield server
    assert server.stop() == 0


def connected(server: Server, sent: bytes = b"") -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", server.port), 10)
    opened.sendall(sent)
    return opened


def closed(connection: socket.socket) -> bool:
    """Whether the other side closes it, without a word or after some."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    connection.close()
    return True


HEAD = b"POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"


def test_a_client_that_does_not_go_on_is_closed(narrow: Narrow) -> None:
    """It has sent nothing, half a line, half a head or half a body."""

    def seconds(sent: bytes) -> float:
        began = time.monotonic()
        assert closed(connected(narrow, sent))
        return time.monotonic() - began

    with ThreadPoolExecutor(4) as pool:
        for took in pool.map(seconds, [b"", b"GET /healthz HT", HEAD, HEAD + b'\r\n{"plugin"']):
            assert 1 < took < 5


def test_a_client_that_drips_is_closed_too(narrow: Narrow) -> None:
    began = time.monotonic()
    connection = connected(narrow, b"GET /healthz HTTP/1.1\r\n")
    with suppress(ConnectionError):
        while time.monotonic() - began < 10:
            connection.sendall(b"x: y\r\n")
            time.sleep(0.1)
    assert time.monotonic() - began < 5
    connection.close()


def test_a_client_that_does_not_read_is_closed(narrow: Narrow) -> None:
    asked = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    connection.connect(("127.0.0.1", narrow.port))
    connection.settimeout(0.5)
    with suppress(OSError):
        for _ in range(2000):
            connection.sendall(asked * 1000)
    port = connection.getsockname()[1]
    assert eventually(lambda: port not in narrow.clients(), 30)
    connection.close()


def test_400_half_sent_heads_are_no_harm(narrow: Narrow) -> None:
    size = (narrow.data / "log").stat().st_size
    held = [connected(narrow, b"GET / HTTP/1.1\r\n") for _ in range(400)]
    assert eventually(lambda: _answers(narrow), 6)
    assert narrow.analyze("metadata").status_code == 200
    for each in held:
        each.close()
    assert (narrow.data / "log").stat().st_size - size < 50_000
    assert eventually(lambda: len([*Path(f"/proc/{narrow.process.pid}/fd").iterdir()]) < 40, 5)


def _answers(server: Server) -> bool:
    try:
        return server.http.get("/healthz", timeout=1).status_code == 200
    except Exception:
        return False


@pytest.mark.parametrize("sent", [b"\x16\x03\x01 hello\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"A" * 200_000])
def test_what_is_no_http_is_answered_with_the_error_object(faulty: Server, sent: bytes) -> None:
    connection = connected(faulty)
    try:
        connection.sendall(sent)
        answer = connection.makefile("rb").read()
    except ConnectionError:  # it was answered and closed before all was sent
        return
    finally:
        connection.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert is_error_object(json.loads(body))


def test_other_names_and_other_sites_are_refused(faulty: Server) -> None:
    for name in ("evil.example", "127.0.0.1.evil.example", "", "[::1"):
        answer = faulty.http.get("/v1/plugins", headers={"Host": name})
        assert (answer.status_code, is_error_object(answer.json())) == (403, True)
    own = f"http://127.0.0.1:{faulty.port}"
    for origin, status in (
        (own, 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
    ):
        answer = faulty.http.post("/v1/analyze", json=request("metadata"), headers={"Origin": origin})
        assert answer.status_code == status
    assert faulty.http.get("/healthz", headers={"Host": "localhost"}).status_code == 200
    assert faulty.http.get("/openapi.json", headers={"Host": "evil.example"}).status_code == 403


def test_each_request_has_an_id_that_is_in_the_answer_and_in_the_log(faulty: Server) -> None:
    body = request("faulty", options={"fault": "raises"})
    answer = faulty.http.post("/v1/analyze", json=body, headers={"X-Request-ID": "given-1.2"})
    assert answer.headers["X-Request-ID"] == "given-1.2"
    made = faulty.http.post("/v1/analyze", json=body, headers={"X-Request-ID": "no\x1b[2Jid"}).headers[
        "X-Request-ID"
    ]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    sent = faulty.http.post("/v1/jobs", json=body, headers={"X-Request-ID": "of-a-job"})
    assert faulty.ended(sent.json()["id"]).status_code == 400
    log = (faulty.data / "log").read_text()
    for of_request, of_job in (("given-1.2", "-"), (made, "-"), ("of-a-job", sent.json()["id"])):
        (line,) = (each for each in log.splitlines() if f" {of_request} " in each)
        assert re.match(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z WARNING {of_request} {of_job} ", line)
        assert "ValueError: no good" in line
        assert "\\n  File" in line


def test_a_client_s_mistake_leaves_no_traceback_and_nothing_forges_a_line(faulty: Server) -> None:
    faulty.http.get("/healthz")
    before = (faulty.data / "log").read_bytes()
    faulty.analyze("faulty", image="%%%")
    faulty.analyze("x\nCRITICAL root: all keys leaked\x1b[31m")
    faulty.http.get("/v1/plugins/a%0ACRITICAL/health")
    added = (faulty.data / "log").read_bytes()[len(before) :]
    assert b"Traceback" not in added
    assert b"CRITICAL" not in added
    assert b"\x1b" not in added


@pytest.fixture
def as_before() -> Iterator[None]:
    """What ``main`` sets for its process is set back."""
    seconds = sys.getswitchinterval()
    yield
    sys.setswitchinterval(seconds)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--workers", "0"),
        ("--workers", "-1"),
        ("--workers", "two"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--time-limit", "0"),
        ("--memory-limit", "-1"),
        ("--most-waiting", "-5"),
        ("--keep-jobs", "-1"),
        ("--lease", "0"),
        ("--drain-seconds", "nan"),
        ("--port", "99999"),
    ],
)
def test_a_value_that_cannot_be_is_one_line_and_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    as_before: None,
    option: str,
    value: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["reference_runtime", "--data", str(tmp_path), f"{option}={value}"])
    assert main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"reference_runtime: {option}: ")


@pytest.mark.parametrize(
    ("option", "value"),
    thinned(
        [
            ("--port", "taken"),
            ("--workers", "0"),
            ("--host", "nowhere.invalid"),
            ("--host", "192.0.2.1"),
            ("--database", "amqp://x"),
            ("--database", "no url"),
        ],
        3,
    ),
)
def test_a_service_that_cannot_start_is_one_line_and_status_2(
    tmp_path: Path, option: str, value: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        value = value.replace("taken", str(taken.getsockname()[1]))
        command = [sys.executable, "-m", "reference_runtime", "--data", str(tmp_path), f"{option}={value}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "reference_runtime: " in done.stderr
    assert option != "--port" or "in use" in done.stderr


def test_settings_come_from_the_environment_and_the_command_line_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_before: None
) -> None:
    monkeypatch.setenv("PHASE12_WORKERS", "0")
    monkeypatch.setenv("PHASE12_MOST_WAITING", "7")
    monkeypatch.setattr(sys, "argv", ["reference_runtime", "--data", str(tmp_path)])
    assert (main(), "--workers" in capsys.readouterr().err) == (2, True)
    server = Server(tmp_path, "--workers", "1")
    try:
        assert server.analyze("metadata").status_code == 200
        said = (tmp_path / "log").read_text()
        assert f"running on http://127.0.0.1:{server.port}" in said
        assert "the plugins are metadata, perceptual-hash, statistics" in said
    finally:
        assert server.stop(signal.SIGTERM) == 0


def test_a_missing_extra_is_one_line(tmp_path: Path) -> None:
    hidden = "import runpy, sys; sys.modules['sqlalchemy'] = None; "
    program = f"{hidden}runpy.run_module('reference_runtime', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "pip install 'phase12-lint[runtime]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
