"""What routes are given."""

from __future__ import annotations

from docflow.engines import LayoutEngine
from docflow.plugins import OcrPlugin


def current_tool() -> OcrPlugin:
    """A plugin."""
    return OcrPlugin()


def current_engine() -> LayoutEngine:
    """An engine."""
    return LayoutEngine()


def warm_tool():
    """A plugin that has run once."""
    current_engine().run({})  # ok: the function returns an engine
    current_tool().run({})  # error: GOV101
    return current_tool()
