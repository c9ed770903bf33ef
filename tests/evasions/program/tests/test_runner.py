"""Tests may do what they like, and what they pass flows nowhere else."""

from unittest import mock

from docflow.plugins import OcrPlugin
from docflow.shared_helpers import relay
from docflow.tool_runner import ToolRunner


def test_plugins_alone():
    plugin = OcrPlugin()
    assert plugin.run({"image": b""})  # ok: a test
    assert OcrPlugin.run(plugin, {"image": b""})  # ok: a test
    assert getattr(plugin, "run")({"image": b""})  # ok: a test
    assert relay(plugin, {"image": b""})  # ok: a test, and relay is not tainted by it
    call = plugin.run  # ok: a test
    assert call


def test_patched():
    with mock.patch.object(ToolRunner, "run"):  # ok: a test
        ToolRunner.run = None  # ok: a test


class FakeRunner(ToolRunner):
    def run(self, name, payload):  # ok: a test
        return {}
