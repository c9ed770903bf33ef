"""The pytest plugin ``-p phase12_lint.integrations.pytest``: do the tests take the ways that ``paths`` lists?

While the tests run, the call stack above each plugin run is recorded. The session fails, with status 1, if a stack
holds a call that no way of ``paths`` has; the ways that no test has walked are told, and fail nothing.

A stack may begin at an entry of a way, and at a function that is handed over to something outside the program. A test
may also call any other function that a way goes through; the stack is compared from there on.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from phase12_lint.config import ConfigError, Settings, load
from phase12_lint.engine import Request
from phase12_lint.integrations.recording import Recorder
from phase12_lint.integrations.stacks import Run, packed, unpacked
from phase12_lint.integrations.verdict import Verdict, verdict

_NAME = "phase12-cross-check"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("phase12-lint")
    group.addoption("--phase12-root", metavar="FOLDER", help="the project, if it is not the rootdir")
    group.addoption("--phase12-config", metavar="FILE", help="read this configuration of phase12-lint")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record. Raises ``pytest.UsageError`` if the project or its configuration is wrong."""
    given = getattr(config, "workerinput", {}).get(_NAME)
    plugin = Worker(config, *json.loads(given)) if given is not None else Controller(config)
    config.pluginmanager.register(plugin, _NAME)


class Worker:
    """A process of pytest-xdist: records, and sends what it has recorded."""

    def __init__(self, config: pytest.Config, root: str, methods: list[str], bases: list[str]) -> None:
        self._output: dict[str, Any] = vars(config)["workeroutput"]
        self._recorder = Recorder(Path(root), methods, bases)
        self._recorder.start()

    def pytest_sessionfinish(self) -> None:
        """Send it."""
        self._recorder.stop()
        self._output[_NAME] = packed(self._recorder.runs), self._recorder.was_displaced


class Controller:
    """The process that the user started: records, gathers what others have recorded, and judges it once."""

    def __init__(self, config: pytest.Config) -> None:
        root, settings = _project(config)
        self._request = Request(root, settings.policies, settings.exclude)
        self._named = (
            sorted({name for policy in settings.policies for name in policy.plugin_methods}),
            sorted({name for policy in settings.policies for name in policy.plugin_bases}),
        )
        self._recorder = Recorder(root, *self._named)
        self._recorder.start()
        self._runs: dict[Run, str] = {}
        self._notes: list[str] = []
        self._verdict: Verdict | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist what to record."""
        node.workerinput[_NAME] = json.dumps([str(self._request.root), *self._named])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker has recorded."""
        sent = getattr(node, "workeroutput", {}).get(_NAME)
        if sent is None:
            self._notes.append(f"the worker {node.gateway.id} ended without reporting what it recorded")
            return
        self._take(unpacked(sent[0]), sent[1])

    def _take(self, runs: dict[Run, str], was_displaced: bool) -> None:
        self._runs = runs | self._runs
        if was_displaced:
            self._notes.append("a test replaced the recording by a profiler: not all runs were seen")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge, and fail the session if it would pass."""
        self._recorder.stop()
        self._take(self._recorder.runs, self._recorder.was_displaced)
        if session.config.option.collectonly:
            return
        self._verdict = verdict(self._request, self._runs)
        if self._verdict.faults and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the verdict."""
        if self._verdict is None:
            return
        failed = bool(self._verdict.faults)
        title = "cross-check of the paths: FAILED" if failed else "cross-check of the paths"
        terminalreporter.section(title, "=", red=failed, bold=failed)
        for line in (*self._verdict.lines(), *dict.fromkeys(self._notes)):
            terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        """Record no more, whatever has happened."""
        self._recorder.stop()


def _project(config: pytest.Config) -> tuple[Path, Settings]:
    named, file = config.getoption("--phase12-root"), config.getoption("--phase12-config")
    folder = config.invocation_params.dir
    root = Path(os.path.normpath(folder / named)) if named else config.rootpath
    if not root.is_dir():
        raise pytest.UsageError(f"--phase12-root: no such folder: {named}")
    try:
        return root, load(root, folder / file if file else None)
    except ConfigError as error:
        raise pytest.UsageError("phase12-lint: " + "; ".join(error.problems)) from None
