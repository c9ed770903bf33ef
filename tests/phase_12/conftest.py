"""The service for the tests of this phase."""

from __future__ import annotations

import pytest

from reference_runtime import app as wiring
from tests.in_process import InProcess
from tests.runtime_fixture import faulty

__all__ = ["faulty"]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """What every service of the test runs its plugins in."""
    made = InProcess()
    monkeypatch.setattr(wiring, "Workers", lambda *settings: made)
    return made
