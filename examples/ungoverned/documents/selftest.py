"""Reads a blank page at start, to see that Tesseract answers."""

from __future__ import annotations

from documents import plugins

BLANK = b"P4\n1 1\n\x00"


def answers() -> bool:
    ocr = plugins.OcrPlugin()
    return "text" in plugins.OcrPlugin.run(ocr, BLANK, "image/x-portable-bitmap")
