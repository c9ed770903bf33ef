"""What an image says of itself: format, size, mode, EXIF."""

from __future__ import annotations

from typing import Any

from PIL import ExifTags, Image

from reference_runtime.plugins.pictures import open_image

_MOST_TEXT = 500


class Metadata:
    """Reads the head of the file; the pixels are not decoded."""

    name = "metadata"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Format, size in pixels, mode, number of frames, and the EXIF tags by name."""
        with open_image(payload) as image:
            exif = Image.Exif()
            exif.load(image.info.get("exif", b""))
            return {
                "format": image.format,
                "width": image.width,
                "height": image.height,
                "mode": image.mode,
                "frames": getattr(image, "n_frames", 1),
                "bytes": len(payload["image"]),
                "exif": {
                    ExifTags.TAGS.get(tag, str(tag)): str(value)[:_MOST_TEXT] for tag, value in exif.items()
                },
            }
