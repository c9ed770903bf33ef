"""What a plugin is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Plugin(ABC):
    """Turns one page into facts about it."""

    name: str

    @abstractmethod
    def run(self, image: bytes, mime_type: str) -> dict[str, Any]:
        """The facts found on the page."""
