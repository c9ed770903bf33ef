"""``/metrics`` for Prometheus, read from the registry each time, so that there is one truth."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reference_runtime.registry import PluginRegistry


class _PluginMetrics(Collector):
    def __init__(self, registry: PluginRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        runs = CounterMetricFamily("plugin_runs", "Runs by outcome", labels=["plugin", "outcome"])
        times = GaugeMetricFamily("plugin_execution_time_ms", "Time of a run", labels=["plugin", "which"])
        states = GaugeMetricFamily(
            "plugin_state", "1 for the state that it is in", labels=["plugin", "state"]
        )
        for each in self._registry.describe():
            name = each["name"]
            runs.add_metric([name, "success"], each["success_count"])
            runs.add_metric([name, "error"], each["error_count"])
            times.add_metric([name, "last"], each["last_execution_time_ms"] or 0.0)
            times.add_metric([name, "average"], each["avg_execution_time_ms"] or 0.0)
            states.add_metric([name, each["state"]], 1)
        failed = CounterMetricFamily(
            "metrics_store_failures", "Metrics updates that could not be written at once"
        )
        failed.add_metric([], self._registry.failed_updates)
        yield from (runs, times, states, failed)


def collector_of(registry: PluginRegistry) -> CollectorRegistry:
    """What ``prometheus_client.generate_latest`` prints of ``registry``."""
    collectors = CollectorRegistry()
    collectors.register(_PluginMetrics(registry))
    return collectors
