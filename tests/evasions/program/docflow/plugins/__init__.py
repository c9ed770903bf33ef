"""The plugins that are shipped."""

from .base import Plugin
from .composite import *
from .imaging import HandwritingPlugin, ThumbnailPlugin
from .imaging import TextRecognition as OcrPlugin
from .text import SummaryPlugin, TranslatePlugin

__all__ = [
    "FallbackPlugin",
    "HandwritingPlugin",
    "OcrPlugin",
    "PipelinePlugin",
    "Plugin",
    "SummaryPlugin",
    "ThumbnailPlugin",
    "TranslatePlugin",
]
