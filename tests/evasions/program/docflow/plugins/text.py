"""Plugins that work on text."""

from __future__ import annotations

from functools import partial

from .base import Plugin


class SummaryPlugin(Plugin):
    """Makes text short."""

    name = "summary"

    def run(self, payload):
        """Keep the first sentence."""
        return {"summary": payload["text"].split(".")[0]}

    def summary(self, text):
        """The summary alone."""

        def compute():
            return self.run({"text": text})["summary"]  # error: GOV101

        return compute()

    def lazily(self, text):
        """A summary for later."""
        return partial(self.run, {"text": text})  # error: GOV102

    def perform(self, action, *arguments):
        """Do ``action``, whatever it is."""
        return getattr(self, action)(*arguments)  # error: GOV103


class TranslatePlugin(Plugin):
    """Translates."""

    name = "translate"

    def __init__(self, helper: Plugin | None = None) -> None:
        self.helper = helper
        self.runs = 0

    def run(self, payload):
        """Let a helper shorten long text first."""
        self.runs += 1
        if self.helper is not None and len(payload["text"]) > 100:
            payload = self.helper.run(payload)  # error: GOV101
        return {"text": payload["text"].upper()}
