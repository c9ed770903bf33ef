"""A prompt for operators."""

from __future__ import annotations

import cmd
from functools import partial

import docflow.plugins.imaging as imaging
from docflow.engines import RenderEngine, SvgRenderEngine
from docflow.plugins import OcrPlugin, Plugin, SummaryPlugin
from docflow.plugins import ThumbnailPlugin as Shrinker
from docflow.registry import PluginRegistry


class Console(cmd.Cmd):
    """Runs single plugins on request."""

    def __init__(self, registry: PluginRegistry, engine: RenderEngine) -> None:
        super().__init__()
        self.registry = registry
        self.engine = engine

    def run(self, line):
        """One command."""
        return self.onecmd(line)

    def replay(self, lines):
        """Many commands."""
        return [self.run(line) for line in lines]  # ok: the console runs itself

    def do_ocr(self, line):
        """Read ``line``."""
        tool = self.registry.get("ocr")
        return OcrPlugin.run(tool, {"image": line})  # error: GOV104

    def do_thumbnail(self, line):
        """Shrink ``line``."""
        return Shrinker.run(self.registry.get("thumbnail"), {"image": line})  # error: GOV104

    def do_handwriting(self, line):
        """Read ``line`` as handwriting."""
        tool = imaging.HandwritingPlugin()
        return imaging.HandwritingPlugin.run(tool, {"image": line})  # error: GOV104

    def do_all(self, line):
        """Have every plugin work on ``line``."""
        payloads = [{"text": line}] * 3
        return list(map(SummaryPlugin.run, self.registry.all(), payloads))  # error: GOV104

    def do_prepare(self, line):
        """A call for later."""
        return partial(Plugin.run, self.registry.get(line), {})  # error: GOV104

    def do_draw(self, line):
        """Draw ``line``."""
        RenderEngine.run(self.engine, line)  # ok: an engine's class
        return list(map(SvgRenderEngine.run, [SvgRenderEngine()], [line]))  # ok: an engine's class

    def do_label(self, line):
        """The label of every plugin."""
        return [Plugin.describe(tool) for tool in self.registry.all()]  # ok: another method

    def do_table(self, line):
        """One entry of a table."""
        table = {"ocr": OcrPlugin.run, "draw": RenderEngine.run}  # error: GOV104
        return table[line]
