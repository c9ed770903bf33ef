"""Entries that nobody would write are judged all the same, and in a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from phase12_lint.engine import Request, run
from phase12_lint.policy import Policy

HEAD = (
    "from governance import build_error_envelope\n\n\nclass ToolRunner:\n    def run(self, name, payload):\n"
)
RUN = "self.registry.get_plugin(name).run(payload)"
LONGEST_S = 10.0


def _indented(depth: int, *lines: str) -> str:
    return "".join("    " * (depth + 2) + line + "\n" for line in lines)


def _nested(depth: int, *ends: str) -> str:
    """``try`` in ``try``, each with an end of its own."""
    opened = "".join(_indented(each, "try:") for each in range(depth))
    closed = "".join(_indented(each, *ends) for each in reversed(range(depth)))
    return opened + _indented(depth, f"return {RUN}") + closed


def _finally_in_finally(depth: int) -> str:
    parts = (
        _indented(each, "try:", f"    if {RUN}:", "        return payload", "finally:")
        for each in range(depth)
    )
    return "".join(parts) + _indented(depth, "self.close()")


def _parts(count: int) -> str:
    """Attributes of one object, each made of the one before, and the object handed to itself."""
    stores = (
        f"    it.a{each} = it.a{max(each - 1, 0)}\n            it.put(it, it.a{each})"
        for each in range(count)
    )
    return _indented(
        0, "it = object()", "try:", *stores, f"    it.result = {RUN}", "except Exception as exc:",
        "    it.error = build_error_envelope(exc, name)", "return it",
    )  # fmt: skip


def _helpers(count: int) -> str:
    """Helpers that call each other in circles."""
    entry = _indented(0, "return self._help0(name, payload)")
    calls = ((each, (each + 1) % count, (each + 2) % count) for each in range(count))
    return entry + "".join(
        f"\n    def _help{each}(self, name, payload):\n        try:\n            self._help{one}(name, payload)\n"
        f"            return self._help{other}(name, payload)\n        finally:\n            {RUN}\n"
        for each, one, other in calls
    )


def _entries() -> Iterator[tuple[str, str]]:
    yield "returns in nested finally", _nested(16, "finally:", "    if self.flag:", "        return None")
    yield "nested handlers", _nested(14, "except ValueError:", "    pass", "except Exception:", "    raise")
    yield "finally in finally", _finally_in_finally(12)
    yield "parts of parts", _parts(120)
    yield "helpers in circles", _helpers(12)


@pytest.mark.parametrize(("what", "body"), list(_entries()))
def test_an_odd_entry_is_judged_in_a_moment(what: str, body: str, tmp_path: Path) -> None:
    (tmp_path / "tool_runner.py").write_text(HEAD + body)
    started = time.process_time()
    codes = {finding.code for finding in run(Request(tmp_path, (Policy(),), cache=False)).findings}
    assert "GOV201" in codes, what
    assert time.process_time() - started < LONGEST_S
