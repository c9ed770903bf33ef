"""Plugins in threads, pools and loops, all of them past the runner."""

from __future__ import annotations

import asyncio
import atexit
import sched
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from docflow.engines import LayoutEngine
from docflow.registry import PluginRegistry


class Scheduler:
    """Runs things later."""

    def __init__(self, registry: PluginRegistry, pool: ThreadPoolExecutor) -> None:
        self.registry = registry
        self.pool = pool
        self.clock = sched.scheduler()
        self.engine = LayoutEngine()
        self.on_exit = None

    def later(self, name, payload, delay):
        """In ``delay`` seconds."""
        tool = self.registry.get(name)
        timer = threading.Timer(delay, tool.run, args=(payload,))  # error: GOV102
        timer.start()
        return timer

    def engine_later(self, page, delay):
        """The engine in ``delay`` seconds."""
        return threading.Timer(delay, self.engine.run, args=(page,))  # ok: an engine

    def in_thread(self, name, payload):
        """In a thread of its own."""
        tool = self.registry.get(name)
        threading.Thread(target=tool.run, args=(payload,)).start()  # error: GOV102
        threading.Thread(target=self.engine.run, args=(payload,)).start()  # ok: an engine

    def pooled(self, name, payload):
        """In the pool."""
        self.pool.submit(self.engine.run, payload)  # ok: an engine
        return self.pool.submit(self.registry.get(name).run, payload)  # error: GOV102

    def pooled_batch(self, name, payloads):
        """Many in the pool."""
        return list(self.pool.map(self.registry.get(name).run, payloads))  # error: GOV102

    async def in_loop(self, name, payload):
        """In the loop's executor."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.engine.run, payload)  # ok: an engine
        return await loop.run_in_executor(None, self.registry.get(name).run, payload)  # error: GOV102

    async def to_thread(self, name, payload):
        """In a thread of the loop's."""
        tool = self.registry.get(name)
        return await asyncio.to_thread(tool.run, payload)  # error: GOV102

    async def awaited(self, name, payload):
        """On the spot."""
        tool = self.registry.get(name)
        return await tool.run(payload)  # error: GOV101

    def at_exit(self, name):
        """When the process ends."""
        self.on_exit = self.registry.get(name).run  # error: GOV102
        atexit.register(self.on_exit, {})

    def prepared(self, name, payload):
        """Only to be called."""
        return partial(self.registry.get(name).run, payload)  # error: GOV102

    def prepared_engine(self, page):
        """The engine, only to be called."""
        return partial(self.engine.run, page)  # ok: an engine

    def everything(self, payload):
        """Every plugin, one by one."""
        return list(map(lambda tool: tool.run(payload), self.registry.all()))  # error: GOV101

    def ranked(self, name, payloads):
        """Payloads by what the plugin makes of them."""
        return sorted(payloads, key=self.registry.get(name).run)  # error: GOV102

    def tick(self):
        """What is due by now."""
        self.clock.run(blocking=False)  # ok: the standard library
