"""The plugins that are shipped: what an image says of itself, a hash that finds it again, and its colours."""

import io
import re
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
        """Format, size in pixels, mode, number of frames, and the EXIF tags by name."""
        with _open(payload) as image:
            exif = Image.Exif()
            exif.load(image.info.get("exif", b""))
            tags = {ExifTags.TAGS.get(tag, str(tag)): str(value)[:500] for tag, value in exif.items()}
            said = {"format": image.format, "width": image.width, "height": image.height, "mode": image.mode}
            frames = getattr(image, "n_frames", 1)
        return said | {"frames": frames, "bytes": len(payload["image"]), "exif": tags}


class PerceptualHash:
    """dHash, of the differences of neighbours: stays near when an image is scaled or compressed."""

    name = "perceptual-hash"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """``hash`` as 16 hexadecimal digits; with ``compare``, another such hash, ``distance`` in bits (0 to 64)."""
        other = payload["options"].get("compare", "0")
        if not isinstance(other, str) or not re.fullmatch("[0-9a-fA-F]{1,16}", other):
            raise ValueError("option compare must be a hash of at most 16 hexadecimal digits")
        with _open(payload) as image:
            pixels = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
        places = (9 * row + column for row in range(8) for column in range(8))
        bits = int("".join("01"[pixels[at] > pixels[at + 1]] for at in places), 2)
        distance = (bits ^ int(other, 16)).bit_count()
        return {"hash": f"{bits:016x}"} | ({"distance": distance} if "compare" in payload["options"] else {})


class Statistics:
    """Brightness, contrast and colours. Option ``colours``: how many dominant ones, 1 to 16 (5)."""

    name = "statistics"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Size in pixels, mean and deviation of each channel (0 to 255), and the colours with their shares."""
        count = payload["options"].get("colours", 5)
        if type(count) is not int or not 1 <= count <= 16:
            raise ValueError("option colours must be a whole number from 1 to 16")
        with _open(payload) as image:
            size = {"width": image.width, "height": image.height}
            image.draft("RGB", (256, 256))
            image.thumbnail((256, 256))
            pixels = image.convert("RGB")
        of, total = ImageStat.Stat(pixels), pixels.width * pixels.height
        found: Any = pixels.quantize(count).convert("RGB").getcolors()
        colours = [
            {"colour": f"#{bytes(colour).hex()}", "share": round(many / total, 4)}
            for many, colour in sorted(found, reverse=True)
        ]
        mean, deviation = ([round(each, 2) for each in values] for values in (of.mean, of.stddev))
        return size | {"mean": mean, "deviation": deviation, "colours": colours}
