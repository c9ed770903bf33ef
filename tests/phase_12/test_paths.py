"""Both ways through the layers: routes are called over ASGI, and plugins run in their worker processes.

Each run has a process of its own here, started for it: so the cross-check, which joins the stack in a process with the
stack that started the process, records the whole chain from a route to the plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.in_process import analysed, asked, queued


@pytest.mark.parametrize("ask", [analysed, queued])
def test_a_request_walks_the_layers_down_to_the_plugin(
    ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHASE12_RUNS_PER_WORKER", "1")
    answer = asked(tmp_path, ask)
    assert answer.status_code == 200, answer.text
    assert answer.json()["plugin"] == "metadata"
    assert answer.json()["result"]["format"] == "PNG"
