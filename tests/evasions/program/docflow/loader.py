"""Finds plugins by their dotted names."""

from __future__ import annotations

import importlib


def load_plugin(dotted):
    """An instance of the class called ``dotted``."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)()  # ok: a name of a module


def load_engine(dotted):
    """An instance of the engine called ``dotted``."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)()  # ok: a name of a module


def smoke(dotted):
    """Load and try at once."""
    return load_plugin(dotted).run({})  # error: GOV101


def smoke_engine(dotted):
    """Load an engine and try it."""
    return load_engine(dotted).run({})  # ok: nothing says that this is a plugin


def load_all(names):
    """Every plugin of ``names``, by name."""
    loaded = {}
    for name in names:
        loaded[name] = load_plugin(name)
    return loaded
