"""Reaches methods by their names."""

from __future__ import annotations

import builtins
import inspect
import operator
from operator import attrgetter, methodcaller

from docflow.constants import COMMANDS, ENTRY, HOUSEKEEPING, LABEL, LIFECYCLE, QUERIES, Method
from docflow.engines import LayoutEngine
from docflow.plugins import Plugin
from docflow.registry import PluginRegistry

look_up = getattr
start = methodcaller("run", {})
label = methodcaller("describe")


def by_constants(tool: Plugin, payload):
    """Names that are written somewhere."""
    yield getattr(tool, "run")(payload)  # error: GOV103
    yield getattr(tool, ENTRY)  # error: GOV103
    yield getattr(tool, Method.START)(payload)  # error: GOV103
    yield getattr(tool, f"{'r'}{'un'}")  # error: GOV103
    yield look_up(tool, "run", None)  # error: GOV103
    yield builtins.getattr(tool, ENTRY)(payload)  # error: GOV103
    yield getattr(tool, COMMANDS["start"])  # error: GOV103
    yield getattr(tool, LABEL)()  # ok: another method
    yield getattr(tool, Method.LABEL)()  # ok: another method
    yield look_up(tool, "version", None)  # ok: another attribute
    yield getattr(tool, COMMANDS["label"])()  # ok: another method
    yield getattr(tool, "run_count", 0)  # ok: another attribute


def by_choice(tool: Plugin, command):
    """Names that are one of several."""
    for name in LIFECYCLE:
        yield getattr(tool, name)  # error: GOV103
    for name in HOUSEKEEPING:
        yield getattr(tool, name)()  # ok: none of the names is run
    yield getattr(tool, COMMANDS[command])  # error: GOV103
    yield getattr(tool, QUERIES[command])()  # ok: none of the names is run


def by_unknown_name(tool: Plugin, name, payload):
    """Names that come from outside."""
    handler = getattr(tool, name, None)  # error: GOV103
    return handler(payload) if handler else {}


def field_of(tool: Plugin, name):
    """A value, whatever it is called."""
    return {"field": name, "value": getattr(tool, name)}  # ok: never called


def event(tool: Plugin, name):
    """Tell the plugin about something."""
    return getattr(tool, f"on_{name}", print)(name)  # ok: no such name is run


def by_operator(registry: PluginRegistry, payload):
    """Methods as values of the operator module."""
    yield methodcaller("run", payload)(registry.get("ocr"))  # error: GOV103
    yield operator.attrgetter("run")(registry.get("ocr"))(payload)  # error: GOV103
    yield start(registry.latest)  # error: GOV103
    yield list(map(start, registry.all()))  # error: GOV103
    yield list(map(attrgetter("run"), registry.all()))  # error: GOV103
    yield list(map(label, registry.all()))  # ok: another method
    yield sorted(registry.all(), key=attrgetter("version"))  # ok: another attribute
    yield start(LayoutEngine())  # ok: applied to an engine
    yield list(map(start, [LayoutEngine(), LayoutEngine(2)]))  # ok: applied to engines


def by_class(tool: Plugin, payload):
    """The method without the instance."""
    yield type(tool).run(tool, payload)  # error: GOV103
    yield tool.__class__.run(tool, payload)  # error: GOV103
    yield vars(tool)["run"](payload)  # error: GOV103
    yield tool.__dict__["run"]  # error: GOV103
    yield tool.__getattribute__("run")(payload)  # error: GOV103
    yield object.__getattribute__(tool, "run")(payload)  # error: GOV103
    yield type(tool).describe(tool)  # ok: another method
    yield tool.__class__.__name__  # ok: another attribute
    yield vars(tool)["name"]  # ok: another attribute
    yield object.__getattribute__(tool, "version")  # ok: another attribute


def engine_by_class(engine: LayoutEngine, name, page):
    """The same on an engine."""
    yield getattr(engine, "run")(page)  # ok: an engine
    yield getattr(engine, name)(page)  # ok: an engine
    yield type(engine).run(engine, page)  # ok: an engine
    yield engine.__class__.run(engine, page)  # ok: an engine
    yield vars(engine)["run"]  # ok: an engine
    yield engine.__getattribute__("run")(page)  # ok: an engine
    yield eval("engine.run(page)")  # ok: an engine


def by_text(tool: Plugin, payload):
    """Methods in strings."""
    yield eval("getattr(tool, 'run')(payload)")  # error: GOV103
    exec("type(tool).run(tool, payload)")  # error: GOV103
    yield eval("tool.describe()")  # ok: another method
    yield eval("'tool.run(payload)'")  # ok: a string in a string
    yield "getattr(tool, 'run')(payload)"  # ok: a string that nobody runs


def looks(tool: Plugin):
    """What may be asked of a method without taking it."""
    yield hasattr(tool, "run")  # ok: only looked at
    yield callable(tool.run)  # ok: only looked at
    yield inspect.signature(tool.run)  # ok: only looked at
    yield inspect.iscoroutinefunction(tool.run)  # ok: only looked at
    yield tool.run.__name__  # ok: only looked at
