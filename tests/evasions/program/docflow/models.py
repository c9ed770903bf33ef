"""What is passed between queue, scheduler and reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from docflow.engines import LayoutEngine, RenderEngine
from docflow.plugins import Plugin
from docflow.types import Payload


@dataclass
class Job:
    """A plugin that waits for its turn."""

    identifier: str
    tool: Plugin
    payload: Payload = field(default_factory=dict)
    attempts: int = 0


@dataclass
class RenderTask:
    """A page that waits; its attribute is called plugin and is an engine."""

    engine: RenderEngine
    plugin: LayoutEngine
    page: int = 1


class Slot(NamedTuple):
    """A place on the bench."""

    label: str
    occupant: Plugin


class Bench:
    """Holds one plugin and one engine under the names that others use the other way round."""

    def __init__(self, engine: Plugin, plugin: RenderEngine) -> None:
        self._engine = engine
        self._plugin = plugin

    @property
    def engine(self) -> Plugin:
        """The plugin."""
        return self._engine

    @property
    def plugin(self) -> RenderEngine:
        """The engine."""
        return self._plugin
