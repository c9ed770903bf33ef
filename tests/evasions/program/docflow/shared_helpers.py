"""Helpers that the runner shares with others, which makes them ways around it."""

from __future__ import annotations


def execute_step(tool, payload):
    """Called by the runner and by the command line."""
    return tool.run(payload)  # error: GOV101


def perform(tool, payload):
    """Called by ``dispatch`` alone."""
    return tool.run(payload)  # error: GOV101


def dispatch(*arguments, **options):
    """Hand everything on."""
    return perform(*arguments, **options)


def drive(plugin, page):
    """Called a plugin here, an engine at every call."""
    return plugin.run(page)  # ok: every caller passes an engine


def forward(target, payload):
    """Called with plugins and with engines."""
    return target.run(payload)  # error: GOV101


def relay(target, payload):
    """Called with engines alone."""
    return target.run(payload)  # ok: every caller passes an engine
