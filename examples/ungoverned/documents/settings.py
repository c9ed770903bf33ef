"""What an operator may change."""

from __future__ import annotations

DEFAULT_READER = "ocr"
DEFAULT_ACTION = "run"
