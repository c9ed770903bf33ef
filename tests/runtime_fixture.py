"""One service with faulty plugins for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import OPTIONS
from tests.runtime_server import Server


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as it runs, on a port of its own."""
    server = Server(tmp_path_factory.mktemp("service"), *OPTIONS, faulty=True)
    yield server
    assert server.stop() == 0
