"""What a plugin is."""

from typing import Any, Protocol


class Plugin(Protocol):
    """Something that analyses an image; it need not inherit from this. Its class is made without arguments."""

    name: str

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What is to be said, as JSON values, of ``image`` (bytes), ``mime_type`` (text) and ``options`` (dict)."""
        ...
