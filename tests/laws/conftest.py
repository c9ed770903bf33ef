"""A law that is broken by time is broken, too: no test here may take longer than this, in seconds of CPU."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

ENOUGH = 25


@pytest.fixture(autouse=True)
def ends_in_time() -> Iterator[None]:
    """Fail the test that goes on for longer; what else the machine does is not counted."""

    def stop(*_: object) -> None:
        pytest.fail(f"not done after {ENOUGH} s of CPU", pytrace=False)

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, ENOUGH)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)
