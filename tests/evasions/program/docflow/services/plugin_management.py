"""Knows the plugins, leaves running them to the runner."""

from __future__ import annotations

from docflow.registry import PluginRegistry
from docflow.tool_runner import ToolRunner


class PluginManagementService:
    """Next to the runner."""

    def __init__(self, runner: ToolRunner, registry: PluginRegistry) -> None:
        self.runner = runner
        self.registry = registry

    def execute(self, name, payload):
        """Run ``name`` as it must be."""
        return self.runner.run(name, payload)  # ok: the runner

    def execute_quickly(self, name, payload):
        """Run ``name`` past the runner."""
        return self.registry.get(name).run(payload)  # error: GOV101

    def entry(self, name):
        """The entry of the runner, bound."""
        return self.runner.run  # ok: the runner's method

    def names(self):
        """Whether each plugin can be run."""
        return {name: hasattr(tool, "run") for name, tool in self.registry.pairs()}  # ok: only looked at
