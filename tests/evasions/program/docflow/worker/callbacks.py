"""Functions that hold a plugin and functions that hold an engine."""

from __future__ import annotations

from docflow.engines import RenderEngine
from docflow.plugins import Plugin
from docflow.registry import PluginRegistry


def make_callback(tool: Plugin):
    """A function that runs ``tool``."""

    def callback(payload):
        return tool.run(payload)  # error: GOV101

    return callback


def make_engine_callback(plugin: RenderEngine):
    """A function that runs the engine."""

    def callback(page):
        return plugin.run(page)  # ok: annotated as an engine

    return callback


def make_table(registry: PluginRegistry):
    """Entries by name."""
    table = {}
    for name, tool in registry.pairs():
        table[name] = tool.run  # error: GOV102
    return table


def make_engine_table(engines: dict[str, RenderEngine]):
    """Engines' entries by name."""
    return {name: engine.run for name, engine in engines.items()}  # ok: engines


def make_latest(registry: PluginRegistry):
    """A function for the plugin that was registered last, whichever that is."""
    latest = None

    def refresh():
        nonlocal latest
        latest = registry.latest

    def call(payload):
        refresh()
        return latest.run(payload)  # error: GOV101

    return call


def chosen(tool: Plugin, engine: RenderEngine, eager):
    """One entry or the other."""
    return tool.run if eager else engine.run  # error: GOV102


def pair(tool: Plugin):
    """A name and an entry."""
    return tool.name, tool.run  # error: GOV102


def entries(tools: list[Plugin]):
    """One entry at a time."""
    for tool in tools:
        yield tool.run  # error: GOV102
