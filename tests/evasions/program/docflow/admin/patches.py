"""Replaces what must not be replaced, and some things that may."""

from __future__ import annotations

import subprocess
from unittest import mock

import docflow.tool_runner as runner_module
from docflow.engines import LayoutEngine
from docflow.plugins import OcrPlugin, Plugin
from docflow.registry import PluginRegistry
from docflow.tool_runner import ToolRunner
from docflow.tool_runner import ToolRunner as Executor


def fast_run(self, name, payload):
    """What is put in place of the entry."""
    return {}


def replace_entry(runner: ToolRunner):
    """Each line replaces the entry."""
    ToolRunner.run = fast_run  # error: GOV105
    Executor.run = fast_run  # error: GOV105
    runner_module.ToolRunner.run = fast_run  # error: GOV105
    setattr(ToolRunner, "run", fast_run)  # error: GOV105
    runner.run = fast_run  # error: GOV105


def replace_others(runner: ToolRunner, engine: LayoutEngine):
    """None of the lines does."""
    runner.timeout = 30  # ok: a setting
    setattr(runner, "timeout", 60)  # ok: a setting
    ToolRunner.limit = 3  # ok: a setting
    engine.run = fast_run  # ok: an engine
    LayoutEngine.run = fast_run  # ok: an engine
    setattr(engine, "run", fast_run)  # ok: an engine
    subprocess.run = fast_run  # ok: the standard library


def replace_plugin(tool: Plugin, registry: PluginRegistry):
    """Each line but the last two replaces a plugin's run."""
    tool.run = fast_run  # error: GOV105
    registry.get("ocr").run = fast_run  # error: GOV105
    OcrPlugin.run = fast_run  # error: GOV105
    setattr(tool, "run", fast_run)  # error: GOV105
    tool.version = "2"  # ok: another attribute
    setattr(tool, "name", "text")  # ok: another attribute


def sandboxed(check):
    """Patches in production."""
    with mock.patch.object(ToolRunner, "run", fast_run):  # error: GOV105
        check()
    with mock.patch("docflow.tool_runner.ToolRunner.run"):  # error: GOV105
        check()
    with mock.patch.object(OcrPlugin, "run"):  # error: GOV105
        check()
    with mock.patch.object(LayoutEngine, "run"):  # ok: an engine
        check()
    with mock.patch("subprocess.run"):  # ok: the standard library
        check()
    with mock.patch.dict("os.environ", {"run": "1"}):  # ok: the environment
        check()


class FastRunner(ToolRunner):
    """Has an entry of its own."""

    def run(self, name, payload):  # error: GOV105
        """Do nothing."""
        return {}


class BatchRunner(ToolRunner):
    """Has no entry of its own."""

    def names(self):  # ok: no entry
        """What can be run, backwards."""
        return super().names()[::-1]

    def run_in_pool(self, name, payload):  # error: GOV105
        """Do nothing."""
        return {}


class RunnerStatistics:
    """Counts."""

    def run(self, name, payload):  # ok: no subclass of the runner
        """Count one."""
        return {name: len(payload)}
