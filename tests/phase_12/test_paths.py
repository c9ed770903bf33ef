"""Both ways through the layers, in one process: the routes are called over ASGI, and plugins run where they are called.

The service runs plugins in worker processes, whose stacks begin anew. Here a stand-in for the workers calls the
plugin itself, so that the whole stack from a route to the plugin is there for the cross-check to record.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.in_process import InProcess, analysed, asked, queued


@pytest.mark.parametrize("ask", [analysed, queued])
def test_a_request_walks_the_layers_down_to_the_plugin(
    ask: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]],
    tmp_path: Path,
    workers: InProcess,
) -> None:
    answer = asked(tmp_path, ask)
    assert answer.status_code == 200, answer.text
    assert answer.json()["plugin"] == "metadata"
    assert answer.json()["result"]["format"] == "PNG"
