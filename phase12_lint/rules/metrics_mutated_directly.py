"""GOV403."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics import MetricsWrite
from phase12_lint.inspect.rule import PlaceRule


class MetricsMutatedDirectly(PlaceRule[MetricsWrite]):
    """A metric is written past the metrics update.

    What it does:
        Finds every write of a metric field (assignment, augmented assignment, `setattr`) outside the class that owns
        the metrics update and the class that declares the field. Where the object is of an unknown type, every
        metric field but `state` counts.

    Why:
        Counters, times and state of a plugin change together, under the registry's rules, when a run ends (§4).
        A single field written from elsewhere makes the others wrong.

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
        yield (
            f"`{fact.evidence.what}.{fact.field}` is a metric that is written past `{fact.update}` (§4); "
            f"write it in the class that owns the update"
        )
