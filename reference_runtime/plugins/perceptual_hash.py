"""A hash that stays near when an image is scaled or compressed: dHash, of the differences of neighbours."""

from __future__ import annotations

from typing import Any

from PIL import Image

from reference_runtime.plugins.pictures import open_image


class PerceptualHash:
    """Option ``compare``: another hash of this kind, to which the distance is told."""

    name = "perceptual-hash"

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """``hash`` as 16 hexadecimal digits; with ``compare``, ``distance`` in bits (0 to 64)."""
        with open_image(payload) as image:
            grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
        pixels = grey.tobytes()
        bits = 0
        for row in range(8):
            for column in range(8):
                at = 9 * row + column
                bits = bits << 1 | (pixels[at] > pixels[at + 1])
        other = payload["options"].get("compare")
        if other is None:
            return {"hash": f"{bits:016x}"}
        return {"hash": f"{bits:016x}", "distance": (bits ^ int(other, 16)).bit_count()}
