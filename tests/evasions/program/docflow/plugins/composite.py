"""Plugins made of plugins: each runs others behind the runner's back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .base import Plugin

__all__ = ["FallbackPlugin", "PipelinePlugin"]


class PipelinePlugin(Plugin):
    """One after the other."""

    name = "pipeline"

    def __init__(self, *steps: Plugin) -> None:
        self.steps = steps

    def run(self, payload):
        """Hand the payload from step to step."""
        for step in self.steps:
            payload = step.run(payload)  # error: GOV101
        return payload

    def labels(self):
        """What the steps call themselves."""
        return [step.describe() for step in self.steps]  # ok: another method


class FallbackPlugin(Plugin):
    """The second if the first fails."""

    name = "fallback"

    def __init__(self, primary: Plugin, secondary: Plugin | None = None) -> None:
        self.primary = primary
        self.secondary = secondary

    def run(self, payload):
        """Try both."""
        try:
            return self.primary.run(payload)  # error: GOV101
        except ValueError:
            if self.secondary is None:
                raise
            return self.secondary.run(payload)  # error: GOV101


class ParallelPlugin(Plugin):
    """All at once."""

    name = "parallel"

    def __init__(self, children: list[Plugin]) -> None:
        self.children = children

    def run(self, payload):
        """Merge what the children say."""
        merged = {}
        with ThreadPoolExecutor() as pool:
            futures = [pool.submit(child.run, payload) for child in self.children]  # error: GOV102
            for future in futures:
                merged.update(future.result())
        return merged


class CachedPlugin(Plugin):
    """Remembers results."""

    name = "cached"

    def __init__(self, inner: Plugin) -> None:
        self.compute = inner.run  # error: GOV102
        self.results = {}

    def run(self, payload):
        """Look into the memory first."""
        key = str(payload)
        if key not in self.results:
            self.results[key] = self.compute(payload)  # ok: the alias was reported where it was made
        return self.results[key]
