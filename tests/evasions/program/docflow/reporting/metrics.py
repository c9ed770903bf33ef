"""Counts runs; runs nothing."""

from __future__ import annotations

import unittest

import docflow.engines as plugin
from docflow.registry import PluginRegistry


class Report:
    """Numbers about plugins."""

    def __init__(self, registry: PluginRegistry) -> None:
        self.registry = registry
        self.run = 0

    def count(self):
        """One more run."""
        self.run += 1  # ok: a number
        return self.run  # ok: a number

    def documentation(self):
        """What the entries say about themselves."""
        return [tool.run.__doc__ for tool in self.registry.all()]  # ok: only looked at

    def versions(self):
        """What the plugins say about themselves."""
        return {tool.name: tool.version for tool in self.registry.all()}


def self_test():
    """Test the numbers."""
    suite = unittest.TestSuite()
    return unittest.TextTestRunner().run(suite)  # ok: the standard library


def through_module(page):
    """A module under the name of a plugin."""
    return plugin.LayoutEngine().run(page)  # ok: an engine of the module
