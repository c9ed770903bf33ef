"""Brightness, contrast and the dominant colours of an image."""

from __future__ import annotations

from typing import Any

from PIL import ImageStat

from reference_runtime.plugins.pictures import open_image


class Statistics:
    """Option ``colours``: how many dominant colours, 1 to 16 (5)."""

    name = "statistics"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Size in pixels, mean and deviation of each channel (0 to 255), and the colours with their shares."""
        count = payload["options"].get("colours", 5)
        if type(count) is not int or not 1 <= count <= 16:
            raise ValueError("option colours must be a whole number from 1 to 16")
        with open_image(payload) as image:
            width, height = image.size
            image.draft("RGB", (256, 256))
            image.thumbnail((256, 256))
            pixels = image.convert("RGB")
        of_channels = ImageStat.Stat(pixels)
        reduced = pixels.quantize(count)
        palette = reduced.getpalette() or []
        colours = sorted(reduced.getcolors() or [], reverse=True)
        return {
            "width": width,
            "height": height,
            "mean": [round(value, 2) for value in of_channels.mean],
            "deviation": [round(value, 2) for value in of_channels.stddev],
            "colours": [
                {
                    "colour": "#{:02x}{:02x}{:02x}".format(*palette[3 * index : 3 * index + 3]),
                    "share": round(pixels_of / (pixels.width * pixels.height), 4),
                }
                for pixels_of, index in colours
                if isinstance(index, int)
            ],
        }
