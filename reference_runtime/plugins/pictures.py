"""What the shipped plugins open images with."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, UnidentifiedImageError

Image.preinit()  # once, in the process that workers are started from


def open_image(payload: dict[str, Any]) -> Image.Image:
    """The image in ``payload``; raises ``ValueError`` if it is none that Pillow knows."""
    try:
        return Image.open(io.BytesIO(payload["image"]))
    except UnidentifiedImageError:  # its text is of no use to a client
        raise ValueError(f"this is no image of type {payload['mime_type']} that can be read") from None
