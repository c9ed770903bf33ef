"""Keeps plugins and engines in containers of every kind."""

from __future__ import annotations

from collections import defaultdict, deque

from docflow.engines import LayoutEngine, RenderEngine
from docflow.models import Bench, Slot
from docflow.plugins import OcrPlugin, Plugin, SummaryPlugin
from docflow.types import MaybePlugin, PluginOrEngine, Toolbox


class ToolCache:
    """Plugins by name and kind; engines beside them."""

    def __init__(self) -> None:
        self.tools = {}
        self.by_kind = defaultdict(list)
        self.recent: deque[Plugin] = deque(maxlen=8)
        self.engines = {}
        self.plugins: dict[str, LayoutEngine] = {}
        self.slots: list[Slot] = []
        self.current = None

    def fill(self):
        """Put everything where it belongs."""
        self.tools["ocr"] = OcrPlugin()
        self.by_kind["text"].append(SummaryPlugin())
        self.engines["layout"] = LayoutEngine()
        self.current = SummaryPlugin()

    def use_tools(self, payload):
        """Each line runs a plugin."""
        self.tools["ocr"].run(payload)  # error: GOV101
        self.by_kind["text"][0].run(payload)  # error: GOV101
        self.recent.popleft().run(payload)  # error: GOV101
        self.slots[0].occupant.run(payload)  # error: GOV101
        for _label, occupant in self.slots:
            occupant.run(payload)  # error: GOV101
        for kind in self.by_kind.values():
            for member in kind:
                member.run(payload)  # error: GOV101
        if self.current is not None:
            self.current.run(payload)  # error: GOV101
        return [tool.run for tool in self.tools.values()]  # error: GOV102

    def use_engines(self, page):
        """Each line runs an engine."""
        self.engines["layout"].run(page)  # ok: engines alone are put here
        self.plugins["layout"].run(page)  # ok: annotated as engines
        for name, plugin in self.plugins.items():
            plugin.run([name, page])  # ok: annotated as engines
        return [engine.run for engine in self.engines.values()]  # ok: engines alone are put here


def on_the_bench(bench: Bench, payload):
    """The names say the opposite."""
    bench.plugin.run(payload)  # ok: the property is annotated as an engine
    return bench.engine.run(payload)  # error: GOV101


def from_toolbox(box: Toolbox, names, payload):
    """Plugins behind names for types."""
    for name in names:
        box[name].run(payload)  # error: GOV101
    for number, tool in enumerate(box.values()):
        tool.run({"number": number, **payload})  # error: GOV101


def maybe(tool: MaybePlugin, payload):
    """There or not."""
    return tool.run(payload) if tool is not None else {}  # error: GOV101


def either(tool: PluginOrEngine, payload):
    """One or the other."""
    if isinstance(tool, RenderEngine):
        return tool.run(payload)  # ok: narrowed to an engine
    return tool.run(payload)  # error: GOV101


def sorted_out(tools: list[Plugin], engines: list[LayoutEngine], payload):
    """Two lists side by side."""
    for tool, engine in zip(tools, engines):
        engine.run(payload)  # ok: of the list of engines
        tool.run(payload)  # error: GOV101
    pairs = [(tool.name, tool) for tool in tools]
    return {name: found.run(payload) for name, found in pairs}  # error: GOV101
