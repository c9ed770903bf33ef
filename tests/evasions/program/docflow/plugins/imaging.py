"""Plugins that look at images."""

from __future__ import annotations

from docflow.engines import LayoutEngine

from .base import Plugin


class ImagePlugin(Plugin):
    """Has an image to work on."""

    def size(self, payload):
        """Bytes of the image."""
        return len(payload["image"])


class ThumbnailPlugin(ImagePlugin):
    """Makes images small."""

    name = "thumbnail"

    def run(self, payload):
        """Keep the first bytes."""
        return {"thumbnail": payload["image"][: self.size(payload) // 2]}

    def preview(self, image):
        """A thumbnail outside a job."""
        return self.run({"image": image})  # error: GOV101


class TextRecognition(ImagePlugin):
    """Reads text, one layout at a time."""

    name = "ocr"

    def __init__(self) -> None:
        self.engine = LayoutEngine(2)

    def run(self, payload):
        """Read the blocks that the engine finds."""
        blocks = self.engine.run(payload["image"])  # ok: the engine of the plugin
        return {"text": " ".join(map(str, blocks))}


class HandwritingPlugin(TextRecognition):
    """Reads handwriting."""

    name = "handwriting"

    def run(self, payload):
        """Read as print first."""
        result = super().run(payload)  # ok: an override delegates
        return {**result, "handwriting": True}

    def calibrate(self):
        """Read an empty page."""
        return super().run({"image": b""})  # error: GOV101
