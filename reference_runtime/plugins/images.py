"""The plugins that are shipped: what an image says of itself, a hash that finds it again, and its colours."""

import io
from typing import Any

from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError


def _open(payload: dict[str, Any]) -> Image.Image:
    try:
        return Image.open(io.BytesIO(payload["image"]))
    except UnidentifiedImageError:  # its text is of no use to a client
        raise ValueError(f"this is no image of type {payload['mime_type']} that can be read") from None


class Metadata:
    """Reads the head of the file; the pixels are not decoded."""

    name = "metadata"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Format, size in pixels, mode, and the EXIF tags by name."""
        with _open(payload) as image:
            exif = Image.Exif()
            exif.load(image.info.get("exif", b""))
            tags = {ExifTags.TAGS.get(tag, str(tag)): str(value)[:500] for tag, value in exif.items()}
            size = {"width": image.width, "height": image.height}
            return {"format": image.format, "mode": image.mode, **size, "exif": tags}


class PerceptualHash:
    """dHash, of the differences of neighbours: stays near when an image is scaled or compressed."""

    name = "perceptual-hash"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """``hash`` as 16 hexadecimal digits."""
        with _open(payload) as image:
            pixels = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
        places = (9 * row + column for row in range(8) for column in range(8))
        bits = "".join("01"[pixels[at] > pixels[at + 1]] for at in places)
        return {"hash": f"{int(bits, 2):016x}"}


class Statistics:
    """Brightness, contrast and colours. Option ``colours``: how many dominant ones, 1 to 256 (5)."""

    name = "statistics"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Mean and deviation of each channel (0 to 255), and the dominant colours with their shares."""
        with _open(payload) as image:
            image.thumbnail((256, 256))
            pixels = image.convert("RGB")
        of, total = ImageStat.Stat(pixels), pixels.width * pixels.height
        found: Any = pixels.quantize(payload["options"].get("colours", 5)).convert("RGB").getcolors()
        named = [(round(many / total, 4), f"#{bytes(each).hex()}") for many, each in found]
        colours = [{"colour": name, "share": share} for share, name in sorted(named, reverse=True)]
        return {"mean": of.mean, "deviation": of.stddev, "colours": colours}
