"""Cannot be loaded."""

from __future__ import annotations

raise ImportError("a library is missing")
