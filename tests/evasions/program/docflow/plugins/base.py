"""What every plugin is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from docflow.types import Payload


class Plugin(ABC):
    """One step on a document."""

    name: str = ""
    version: str = "1"

    @abstractmethod
    def run(self, payload: Payload) -> Payload:
        """Work on ``payload``."""

    def describe(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    def setup(self) -> None:
        """Get ready."""

    def teardown(self) -> None:
        """Let go."""
