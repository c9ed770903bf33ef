"""GOV403."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics import MetricsWrite
from phase12_lint.inspect.rule import PlaceRule


class MetricsMutatedDirectly(PlaceRule[MetricsWrite]):
    """A metric is written directly, bypassing the metrics update.

    What it does:
        Finds every write of a metric field (assignment, augmented assignment, `setattr`) outside the class that defines
        the metrics update and the class that declares the field. Where the type of the object is unknown, every metric
        field except `state` counts.

    Why:
        The counters, times and state of a plugin change together, under the registry's rules, when a run ends (§4).
        A single field that is written from elsewhere makes the others wrong.

    Example:
        ```python
        def repair(registry: PluginRegistry, name: str) -> None:
            registry.entries[name].error_count = 0
        ```

    Use instead:
        ```python
        def repair(registry: PluginRegistry, name: str) -> None:
            registry.reset(name)
        ```

    How to fix:
        Write the field in a method of the registry, next to the metrics update, and call that.
    """

    code = "GOV403"
    name = "metrics-mutated-directly"
    section = "§4"
    needs = "metrics-update"
    asks = MetricsWrite

    def check(self, fact: MetricsWrite) -> Iterator[str]:
        update = self.advice.named("metrics-update", "the metrics update")
        yield (
            f"this write of the metric `{fact.evidence.what}.{fact.field}` bypasses {update} (§4); "
            f"write it in a method of the class that defines {update}, or of the one that declares the field"
        )
