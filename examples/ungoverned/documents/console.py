"""A prompt for support staff: does one action of one reader on one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from documents import settings
from documents.app import build_registry


def perform(path: Path, name: str = settings.DEFAULT_READER) -> Any:
    reader = build_registry().get(name)
    action = getattr(reader, settings.DEFAULT_ACTION)
    return action(path.read_bytes(), "image/png")
