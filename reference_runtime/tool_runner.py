"""The choke point: the only place from which a plugin is run."""

import logging
from time import perf_counter
from typing import Any

from reference_runtime.errors import Envelope, ExecutionError, build_error_envelope
from reference_runtime.isolation import Workers
from reference_runtime.registry import PluginRegistry
from reference_runtime.validation import validate_input, validate_plugin_output


class ToolRunner:
    """Runs the plugins of ``registry`` in ``workers``."""

    def __init__(self, registry: PluginRegistry, workers: Workers) -> None:
        self._registry, self._workers = registry, workers

    async def run(self, plugin_name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Envelope]:
        """``(result, error)``; never raises. ``error`` is ``{}``, or an envelope, and then ``result`` means nothing."""
        started = perf_counter()
        had_error, has_run, state = True, False, "UNAVAILABLE"
        try:
            plugin = self._registry.get(plugin_name)
            state = self._registry.state_of(plugin_name)
            payload = validate_input(payload)
            has_run = True
            output = await self._workers.call(plugin.run, payload, plugin_name)
            validate_plugin_output(output)
            had_error, state = False, "INITIALIZED"
            return output, {}
        except Exception as exc:
            envelope = build_error_envelope(exc, plugin_name)
            if has_run:
                logging.warning("%s failed: %s", plugin_name, envelope["_internal"]["traceback"])
                state = state if isinstance(exc, ExecutionError) else "FAILED"  # which is no run
            return {}, envelope
        finally:
            elapsed_ms = (perf_counter() - started) * 1000
            self._registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
