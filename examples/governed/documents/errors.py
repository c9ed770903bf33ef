"""The one shape in which an error leaves the service."""

from __future__ import annotations

import traceback
from datetime import datetime, timezone
from typing import Any


def build_error_envelope(plugin_name: str, error: Exception) -> dict[str, Any]:
    return {
        "error": {
            "type": type(error).__name__,
            "message": str(error),
            "details": {},
            "plugin": plugin_name,
            "timestamp": datetime.now(timezone.utc).isoformat(),
        },
        "_internal": {"traceback": traceback.format_exc()},
    }
