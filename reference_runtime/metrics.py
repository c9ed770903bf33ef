"""``/metrics`` for Prometheus, of what the registry knows, so that there is one truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class _Described(Collector):
    def __init__(self, plugins: list[dict[str, Any]]) -> None:
        self._plugins = plugins

    def collect(self) -> Iterator[Metric]:
        runs = CounterMetricFamily("plugin_runs", "Runs by outcome", labels=["plugin", "outcome"])
        times = GaugeMetricFamily("plugin_execution_time_ms", "Time of a run", labels=["plugin", "which"])
        states = GaugeMetricFamily("plugin_state", "1 for the state it is in", labels=["plugin", "state"])
        for each in self._plugins:
            for outcome in ("success", "error"):
                runs.add_metric([each["name"], outcome], each[f"{outcome}_count"])
            for which in ("last", "avg"):
                times.add_metric([each["name"], which], each[f"{which}_execution_time_ms"] or 0.0)
            states.add_metric([each["name"], each["state"]], 1)
        yield from (runs, times, states)


def exposition(plugins: list[dict[str, Any]]) -> bytes:
    """``plugins``, as the registry describes them, in Prometheus' text format."""
    return generate_latest(_Described(plugins))
