"""A law that is broken by time is broken, too: no test here may take longer than this, in seconds of CPU."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from phase12_lint.syntax.modules import Module

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


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of which trees are made, in order."""
    paths: list[str] = []
    make: Callable[..., None] = Module.__init__

    def counted(self: Module, path: str, *rest: object, **named: object) -> None:
        paths.append(path)
        make(self, path, *rest, **named)

    monkeypatch.setattr(Module, "__init__", counted)
    return paths
