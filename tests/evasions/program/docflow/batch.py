"""Work by the folder: plugins and engines go through the same helpers."""

from __future__ import annotations

import asyncio
import subprocess
from typing import cast

from docflow.engines import LayoutEngine, RenderEngine, SvgRenderEngine
from docflow.generic import descend, first, identity, ignite, launch, logged, pick, ping, retry
from docflow.loader import load_all, load_plugin
from docflow.plugins import OcrPlugin, SummaryPlugin
from docflow.registry import PluginRegistry
from docflow.shared_helpers import dispatch, drive, forward, relay

REGISTRY = PluginRegistry()
REGISTRY.register(SummaryPlugin())


def helpers_with_plugins(registry: PluginRegistry, payload):
    """Each line runs a plugin."""
    tool = registry.get("ocr")
    identity(tool).run(payload)  # error: GOV101
    first(registry.all()).run(payload)  # error: GOV101
    pick({"ocr": tool}, "ocr").run(payload)  # error: GOV101
    descend(tool, 3).run(payload)  # error: GOV101
    ping(tool, 3).run(payload)  # error: GOV101
    launch(OcrPlugin(), payload).run(payload)  # error: GOV101
    retry(lambda: tool.run(payload))  # error: GOV101
    retry(tool.run)  # error: GOV102
    logged(tool.run)(payload)  # error: GOV102
    forward(tool, payload)
    dispatch(tool, payload=payload)


def helpers_with_engines(page):
    """The same lines with engines."""
    engine = LayoutEngine()
    identity(engine).run(page)  # ok: this call passes an engine
    first([LayoutEngine()]).run(page)  # ok: this call passes engines
    pick({"layout": engine}, "layout").run(page)  # ok: this call passes engines
    descend(engine, 3).run(page)  # ok: this call passes an engine
    ping(engine, 3).run(page)  # ok: this call passes an engine
    ignite(RenderEngine(), page).run(page)  # ok: the engine comes back
    retry(lambda: engine.run(page))  # ok: an engine
    retry(engine.run)  # ok: the bound method of an engine
    logged(engine.run)(page)  # ok: the bound method of an engine
    forward(engine, page)
    relay(engine, page)
    relay(RenderEngine(), page)
    drive(SvgRenderEngine(), page)
    drive(engine, page)


def loaded(names, payload):
    """By dotted names."""
    tools = load_all(names)
    for tool in tools.values():
        tool.run(payload)  # error: GOV101
    tools["docflow.plugins.SummaryPlugin"].run(payload)  # error: GOV101
    special = load_plugin("docflow.plugins.OcrPlugin")
    return special.run(payload)  # error: GOV101


def with_default(payload, tool=REGISTRY.get("summary")):
    """The plugin is a default."""
    return tool.run(payload)  # error: GOV101


def by_walrus(registry: PluginRegistry, payload):
    """The plugin is bound in a condition."""
    if (tool := registry.latest) is not None:
        return tool.run(payload)  # error: GOV101
    return {}


def by_cast(value, payload):
    """The type is claimed."""
    drawn = cast("RenderEngine", value).run(payload)  # ok: claimed to be an engine
    return cast("SummaryPlugin", value).run(drawn)  # error: GOV101


def by_unpacking(registry: PluginRegistry, payload):
    """The plugins come out of tuples and lists."""
    tool, engine = registry.get("ocr"), LayoutEngine()
    engine.run(payload)  # ok: the second of the pair
    tool.run(payload)  # error: GOV101
    head, *rest = registry.all()
    head.run(payload)  # error: GOV101
    for other in rest:
        other.run(payload)  # error: GOV101


async def fetch(registry: PluginRegistry, name):
    """Look ``name`` up, slowly."""
    await asyncio.sleep(0)
    return registry.get(name)


async def fetch_engine(columns):
    """Make an engine, slowly."""
    await asyncio.sleep(0)
    return LayoutEngine(columns)


async def by_await(registry: PluginRegistry, payload):
    """What is awaited is run."""
    (await fetch_engine(2)).run(payload)  # ok: an engine is awaited
    return (await fetch(registry, "ocr")).run(payload)  # error: GOV101


def rebound(registry: PluginRegistry, page):
    """One name, two things."""
    tool = registry.get("ocr")
    print(tool.name)
    tool = LayoutEngine()
    return tool.run(page)  # ok: the name is an engine by now


def laid_out(registry: PluginRegistry, payload):
    """A call over many lines."""
    counted = (
        registry
        .get("ocr")  # the plugin that reads
        .run(  # error: GOV101
            payload,
        )
    )
    engine = LayoutEngine(); tool = OcrPlugin(); tool.run(payload)  # error: GOV101
    engine.run(payload); engine.run(counted)  # ok: an engine twice
    return f"read: {tool.run(payload)}"  # error: GOV101


def processes():
    """Other things that run."""
    subprocess.run(["true"], check=True)  # ok: the standard library
    asyncio.run(by_await(REGISTRY, {}))  # ok: the standard library
    note = "plugin.run(payload) is forbidden"  # ok: a string
    return note  # ok: a comment, plugin.run(payload)
