"""phase12-lint: proves that every plugin execution goes through its choke point."""

from __future__ import annotations

__version__ = "0.1.0"
