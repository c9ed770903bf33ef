"""The one error contract: what goes wrong becomes an envelope (seed, section 3)."""

import re
import traceback
from datetime import datetime, timezone
from typing import Any

Envelope = dict[str, Any]
PLUGIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


class ValidationError(Exception):
    """What was asked for, or what a plugin gave back, breaks the contract."""


class NotFound(ValidationError):
    """What was asked for does not exist."""


class PluginError(Exception):
    """A run failed."""


class ExecutionError(Exception):
    """The service could not run the plugin."""


def build_error_envelope(exc: BaseException, plugin_name: str) -> Envelope:
    """The envelope of ``exc``: ``error`` may leave the process, without what a library said; ``_internal`` may not."""
    kind = next((k for k in (ValidationError, PluginError, ExecutionError) if isinstance(exc, k)), None)
    return {
        "error": {
            "type": kind.__name__ if kind else "ExecutionError",
            "message": text_of(exc) if kind else f"the service failed ({type(exc).__name__})",
            "details": {},
            "plugin": plugin_name if PLUGIN_NAME.fullmatch(plugin_name) else "",
            "timestamp": datetime.now(timezone.utc).isoformat(),
        },
        "_internal": {"traceback": "".join(traceback.format_exception(exc))[-20_000:]},
    }


def text_of(exc: BaseException) -> str:
    """The message of ``exc``, even if making it raises."""
    try:
        return str(exc)[:20_000] or type(exc).__name__
    except BaseException:  # a message may run any code of a plugin's
        return type(exc).__name__
