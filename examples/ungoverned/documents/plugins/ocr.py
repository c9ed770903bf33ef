"""Reads the text of a page with Tesseract."""

from __future__ import annotations

import subprocess
from typing import Any

from documents.plugins.base import Plugin


class OcrPlugin(Plugin):
    """Text, by the tesseract program."""

    name = "ocr"

    def run(self, image: bytes, mime_type: str) -> dict[str, Any]:
        command = ["tesseract", "stdin", "stdout"]
        done = subprocess.run(command, input=image, capture_output=True, check=True)
        return {"text": done.stdout.decode()}
