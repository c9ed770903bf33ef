"""The one error contract: what goes wrong becomes an envelope (seed, section 3)."""

from __future__ import annotations

import traceback
from datetime import datetime, timezone
from typing import Any

Envelope = dict[str, Any]
_MOST_TEXT = 20_000


class ValidationError(Exception):
    """What was asked for, or what a plugin gave back, breaks the contract."""


class PluginError(Exception):
    """A plugin failed. ``envelope`` is what its worker process said of it, if it still could."""

    def __init__(self, message: str, envelope: Envelope | None = None) -> None:
        super().__init__(message)
        self.envelope = envelope


class ExecutionError(Exception):
    """The service could not run the plugin."""


def build_error_envelope(exc: BaseException, plugin_name: str) -> Envelope:
    """The envelope of ``exc``, raised while ``plugin_name`` was asked for (empty: none in particular).

    Returns a dict of JSON values: ``error`` may leave the process, ``_internal`` goes to the log alone.
    """
    if isinstance(exc, PluginError) and exc.envelope is not None:
        return exc.envelope
    kind = next(
        (k for k in (ValidationError, PluginError, ExecutionError) if isinstance(exc, k)), ExecutionError
    )
    return {
        "error": {
            "type": kind.__name__,
            "message": _text(exc),
            "details": {} if type(exc) is kind else {"exception": type(exc).__name__},
            "plugin": plugin_name,
            "timestamp": datetime.now(timezone.utc).isoformat(),
        },
        "_internal": {"traceback": "".join(traceback.format_exception(exc))[-_MOST_TEXT:]},
    }


def _text(exc: BaseException) -> str:
    try:
        return str(exc)[:_MOST_TEXT] or type(exc).__name__
    except BaseException:  # a message may run any code of a plugin's
        return f"{type(exc).__name__} (its message cannot be shown)"
