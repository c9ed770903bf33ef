"""Lets others hook in."""

from __future__ import annotations

from docflow.engines import LayoutEngine
from docflow.plugins import HandwritingPlugin, TranslatePlugin
from docflow.worker.callbacks import make_callback, make_engine_callback


class Hooks:
    """Calls what was hooked in."""

    def __init__(self) -> None:
        self.before = []
        self.after = []
        self.translator = TranslatePlugin()

    def hook(self, payload):
        """Every hook in turn."""
        for call in self.before:
            call(payload)
        self.translator.run(payload)  # error: GOV101
        for call in self.after:
            call(payload)

    def install(self, page):
        """The hooks that are shipped."""
        self.before.append(make_callback(HandwritingPlugin()))
        self.after.append(HandwritingPlugin().run)  # error: GOV102
        self.after.append(LayoutEngine().run)  # ok: an engine
        self.after.append(make_engine_callback)  # ok: a function
        self.translator.setup()  # ok: another method


def hooked(hooks: Hooks):
    """The translator of other hooks, by the entry."""
    return hooks.translator.run  # error: GOV102


def labelled(hooks: Hooks):
    """The translator's label."""
    return hooks.translator.describe()  # ok: another method
