"""Every fault that the service must survive, and the table of what came back: ``python -m tests.faults``."""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.faulty_plugins.faults import FAULTS
from tests.runtime_server import ROOT, Server, eventually, is_error_object, png, request

TABLE = ROOT / "docs" / "runtime-faults.md"
OPTIONS = ("--time-limit", "2", "--memory-limit", "384", "--runs-per-worker", "100000")
_IMAGE = base64.b64encode(png()).decode()


class Fault(NamedTuple):
    """A request that fails, and of which plugin it must count as an error (empty: of none)."""

    name: str
    body: dict[str, Any] | bytes
    counts: str = "faulty"


def _asked(name: str, counts: str = "faulty", **changed: Any) -> Fault:
    return Fault(name, {**request("faulty"), **changed}, counts)


def _without(field: str) -> dict[str, Any]:
    return {key: value for key, value in request("faulty").items() if key != field}


OF_PLUGINS = [_asked(name, options={"fault": name}) for name in FAULTS]
OF_INPUT = [
    _asked("unknown plugin", "", plugin="nobody"),
    _asked("unavailable plugin", "broken.py", plugin="broken.py"),
    _asked("name of 20 MB", "", plugin="x" * (20 << 20)),
    _asked("name with a line feed", "", plugin="faulty\nCRITICAL all is lost"),
    _asked("empty mime type", mime_type=""),
    _asked("mime type without a subtype", mime_type="image"),
    _asked("mime type with a line feed", mime_type="image/png\n"),
    _asked("mime type that is no text", mime_type=3),
    _asked("lying mime type", mime_type="image/jpeg"),
    _asked("invalid base64", image="%%%"),
    _asked("base64 with a space", image=_IMAGE[:8] + " " + _IMAGE[8:]),
    _asked("empty image", image=""),
    _asked("image that is no text", image=[1]),
    _asked("options that are no object", options=[1]),
    Fault("missing mime type", _without("mime_type")),
    Fault("missing image", _without("image")),
    Fault("missing plugin", _without("plugin"), ""),
    Fault("unknown field", {**request("faulty"), "more": 1}, ""),
    Fault("malformed JSON", b'{"plugin": ', ""),
    Fault("NaN in the body", b'{"plugin": NaN}', ""),
    Fault(
        "infinite number",
        b'{"plugin":"faulty","image":"aa","mime_type":"image/png","options":{"a":1e999}}',
        "",
    ),
    Fault("lone surrogate", b'{"plugin": "\\ud800", "image": "", "mime_type": ""}', ""),
    Fault("not UTF-8", b'{"plugin": "\xff"}', ""),
    Fault("a list", b"[]", ""),
    Fault("nested 100,000 deep", b"[" * 100_000, ""),
    Fault("50 MB body", b'{"plugin": "' + b"x" * (50 << 20) + b'"}', ""),
]
ALL = [*OF_PLUGINS, *OF_INPUT]


def meet(server: Server, fault: Fault) -> str:
    """What ``fault`` brings back, as a row of the table; raises ``AssertionError`` where the contract is broken.

    A normal call of the same and of another plugin come before and after it; nothing may be left of it.
    """
    _call_both(server)
    known, held = _counts(server), server.holdings()
    if isinstance(fault.body, bytes):
        answer = server.http.post("/v1/analyze", content=fault.body)
    else:
        answer = server.http.post("/v1/analyze", json=fault.body)
    assert answer.status_code == 400, answer.text[:500]
    assert is_error_object(answer.json()), answer.text[:500]
    assert len(answer.content) < 3000
    assert "Traceback" not in answer.text
    _call_both(server)
    expected = {name: list(counts) for name, counts in known.items()}
    if fault.counts:
        expected[fault.counts][1] += 1
    for name in ("faulty", "metadata"):
        expected[name][0] += 1
    assert {name: list(counts) for name, counts in _counts(server).items()} == expected
    assert eventually(lambda: server.holdings() <= (held[0], 0, held[2]), 5), (
        fault.name,
        held,
        server.holdings(),
    )
    error = answer.json()["detail"]
    message = error["message"].replace("|", "\\|").replace("\n", " ")
    message = re.sub(r"(not JSON compliant): \w+", r"\1", message)  # newer Pythons say which number
    message = message if len(message) <= 90 else f"{message[:89]}…"
    counted = f"`{fault.counts}` one error more" if fault.counts else "none"
    return f"| {fault.name} | 400 | {error['type']} | {message} | {counted} | 200, 200 |"


def _call_both(server: Server) -> None:
    assert server.analyze("faulty").json() == {"result": {}, "plugin": "faulty"}
    assert server.analyze("metadata").json()["result"]["format"] == "PNG"


def _counts(server: Server) -> dict[str, tuple[int, int]]:
    return {each["name"]: (each["success_count"], each["error_count"]) for each in _plugins(server)}


def _plugins(server: Server) -> list[dict[str, Any]]:
    return list(server.http.get("/v1/plugins").json())


def table(rows: list[str]) -> str:
    """The page."""
    return "\n".join(
        [
            "# Faults, and what comes back",
            "",
            "Made by `make faults`: each fault is sent to the service as it runs; the last column is the next call of",
            "the same and of another plugin. The tests hold every row, that no other count changes, and that no",
            "process, zombie or descriptor is left (`tests/phase_12/test_faults.py`).",
            "",
            "| fault | status | type | message | counts | next calls |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), *OPTIONS, faulty=True)
        try:
            TABLE.write_text(table([meet(server, fault) for fault in ALL]), encoding="utf-8")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
