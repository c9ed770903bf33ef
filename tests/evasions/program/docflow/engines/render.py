"""Draws pages."""

from __future__ import annotations


class RenderEngine:
    """Draws one page."""

    def run(self, page):
        """Draw ``page``."""
        return {"page": page}


class SvgRenderEngine(RenderEngine):
    """Draws one page as SVG."""

    def run(self, page):
        """Draw ``page``."""
        return {**super().run(page), "format": "svg"}  # ok: an engine delegates

    def twice(self, page):
        """Draw ``page`` two times."""
        return [self.run(page), RenderEngine.run(self, page)]  # ok: engines, unbound too
