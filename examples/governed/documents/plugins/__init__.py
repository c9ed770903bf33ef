"""What the service can do with a page."""

from __future__ import annotations

from documents.plugins.barcode import BarcodePlugin
from documents.plugins.base import Plugin
from documents.plugins.ocr import OcrPlugin

__all__ = ["BarcodePlugin", "OcrPlugin", "Plugin"]
