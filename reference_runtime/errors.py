"""The one error contract: what goes wrong becomes an envelope (seed, section 3)."""

import re
import traceback
from datetime import datetime, timezone
from typing import Any

Envelope = dict[str, Any]
PLUGIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_MOST_TEXT = 20_000


class ValidationError(Exception):
    """What was asked for, or what a plugin gave back, breaks the contract."""


class PluginError(Exception):
    """A run failed."""


class ExecutionError(Exception):
    """The service could not run the plugin."""


def build_error_envelope(exc: BaseException, plugin_name: str) -> Envelope:
    """The envelope of ``exc``, raised while ``plugin_name`` was asked for (empty: none in particular).

    Returns a dict of JSON values: ``error`` may leave the process, ``_internal`` goes to the log alone. What a
    library says in an exception is not for the client, nor is a name that no plugin can have.
    """
    kind = next((k for k in (ValidationError, PluginError, ExecutionError) if isinstance(exc, k)), None)
    return {
        "error": {
            "type": kind.__name__ if kind else "ExecutionError",
            "message": text_of(exc) if kind else f"the service failed ({type(exc).__name__})",
            "details": {},
            "plugin": plugin_name if PLUGIN_NAME.fullmatch(plugin_name) else "",
            "timestamp": datetime.now(timezone.utc).isoformat(),
        },
        "_internal": {"traceback": "".join(traceback.format_exception(exc))[-_MOST_TEXT:]},
    }


def text_of(exc: BaseException) -> str:
    """The message of ``exc``, even if making it raises."""
    try:
        return str(exc)[:_MOST_TEXT] or type(exc).__name__
    except BaseException:  # a message may run any code of a plugin's
        return type(exc).__name__
