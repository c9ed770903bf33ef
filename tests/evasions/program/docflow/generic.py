"""Helpers that know nothing of what they are given."""

from __future__ import annotations

import functools

from docflow.types import EngineT, PluginT


def identity(value):
    """``value``."""
    return value


def first(values):
    """The first of ``values``."""
    return values[0]


def pick(mapping, key):
    """One value of ``mapping``."""
    return mapping[key]


def retry(action, times=3):
    """Call ``action`` until it works."""
    for _ in range(times - 1):
        try:
            return action()
        except OSError:
            continue
    return action()


def logged(function):
    """``function``, with a line for every call."""

    @functools.wraps(function)
    def wrapper(*arguments, **options):
        print(function.__name__)
        return function(*arguments, **options)

    return wrapper


def launch(tool: PluginT, payload) -> PluginT:
    """Run ``tool`` and give it back."""
    tool.run(payload)  # error: GOV101
    return tool


def ignite(engine: EngineT, page) -> EngineT:
    """Run ``engine`` and give it back."""
    engine.run(page)  # ok: the bound of the type variable is an engine
    return engine


def descend(value, depth):
    """``value``, by a longer way."""
    if depth == 0:
        return value
    return descend(value, depth - 1)


def ping(value, depth):
    """``value``, back and forth."""
    return value if depth == 0 else pong(value, depth - 1)


def pong(value, depth):
    """``value``, forth and back."""
    return value if depth == 0 else ping(value, depth - 1)
