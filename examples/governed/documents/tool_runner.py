"""The choke point: the only place that runs a plugin."""

from __future__ import annotations

import time
from typing import Any

from documents.errors import build_error_envelope
from documents.registry import PluginRegistry
from documents.validation import validate_input, validate_plugin_output

Outcome = tuple[dict[str, Any] | None, dict[str, Any] | None]


class ToolRunner:
    """Validates, runs, wraps errors and counts."""

    def __init__(self, registry: PluginRegistry) -> None:
        self._registry = registry

    def run(self, plugin_name: str, image: bytes, mime_type: str) -> Outcome:
        """The result, or the envelope of what went wrong."""
        started = time.perf_counter()
        had_error = True
        try:
            validate_input(image, mime_type)
            plugin = self._registry.get(plugin_name)
            result = plugin.run(image, mime_type)
            validate_plugin_output(result)
            had_error = False
            return result, None
        except Exception as error:
            return None, build_error_envelope(plugin_name, error)
        finally:
            elapsed_ms = (time.perf_counter() - started) * 1000
            state = "FAILED" if had_error else "INITIALIZED"
            self._registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
