"""Reads a whole folder at once, off the event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from documents.app import build_registry


async def read_folder(folder: Path) -> list[dict[str, Any]]:
    registry = build_registry()
    readers = [registry.get(name) for name in registry.names()]
    pages = [path.read_bytes() for path in sorted(folder.glob("*.png"))]
    jobs = [asyncio.to_thread(reader.run, page, "image/png") for page in pages for reader in readers]
    return await asyncio.gather(*jobs)
