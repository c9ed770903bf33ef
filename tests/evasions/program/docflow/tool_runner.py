"""The one place that may run plugins."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import methodcaller

from docflow.invocation import TimedInvocation, invoke, invoke_by_name
from docflow.registry import PluginRegistry
from docflow.shared_helpers import execute_step


class ToolRunner:
    """Runs plugins by name."""

    def __init__(self, registry: PluginRegistry) -> None:
        self.registry = registry
        self.pool = ThreadPoolExecutor()
        self.timeout = 10

    def run(self, name, payload):
        """Run the plugin called ``name``."""
        plugin = self.registry.get(name)
        if payload.get("direct"):
            return plugin.run(payload)  # ok: inside the choke point
        if payload.get("timed"):
            return self.pool.submit(TimedInvocation(plugin, payload).execute).result(self.timeout)
        if payload.get("shared"):
            return execute_step(plugin, payload)
        if payload.get("named"):
            return invoke_by_name(plugin, payload)
        return invoke(plugin, payload)

    def run_in_pool(self, name, payload):
        """Run it in the pool."""
        plugin = self.registry.get(name)
        return self.pool.submit(plugin.run, payload).result(self.timeout)  # ok: inside the choke point

    async def run_async(self, name, payload):
        """Run it in a thread."""
        plugin = self.registry.get(name)
        return await asyncio.to_thread(plugin.run, payload)  # ok: inside the choke point

    def run_reflected(self, name, payload):
        """Run it by the name of its method."""
        plugin = self.registry.get(name)

        def call():
            return methodcaller("run", payload)(plugin)  # ok: nested in the choke point

        return call() or getattr(plugin, "run")(payload)  # ok: inside the choke point

    def run_many(self, names, payload):
        """Run several."""
        calls = [partial(self.registry.get(name).run, payload) for name in names]  # ok: inside the choke point
        return [call() for call in calls]

    def names(self):
        """What can be run."""
        return sorted(name for name, _ in self.registry.pairs())
