"""Engines have a ``run`` of their own; they are no plugins."""

from .layout import LayoutEngine
from .render import RenderEngine, SvgRenderEngine

__all__ = ["LayoutEngine", "RenderEngine", "SvgRenderEngine"]
