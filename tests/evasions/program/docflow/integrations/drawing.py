"""Draws with patience."""

from __future__ import annotations

from docflow.engines import RenderEngine, SvgRenderEngine
from docflow.worker.retry import Redrawing


def draw(page):
    """Draw ``page`` twice."""
    Redrawing(RenderEngine(), 2).call(page)
    return Redrawing(plugin=SvgRenderEngine(), times=2).call(page)
