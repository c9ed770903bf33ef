"""GOV401."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics_on_paths import UnmeasuredRun
from phase12_lint.inspect.rule import PlaceRule


class MetricsNotUpdated(PlaceRule[UnmeasuredRun]):
    """Some way out of the choke point misses the metrics update.

    What it does:
        Follows every way out of an entry after a plugin run, by return and by exception, and finds the run if
        some way misses the metrics update. The statements of a `finally` that stand before the update are
        taken not to raise; an update inside a `try` of its own counts.

    Why:
        The update must follow every execution (§4). Runs that are not counted are the ones that went wrong.

    Example:
        ```python
        result = plugin.run(payload)
        self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        return result, {}
        ```

    Use instead:
        ```python
        try:
            result = plugin.run(payload)
            had_error = False
            return result, {}
        except Exception as exc:
            return {}, build_error_envelope(exc, plugin_name)
        finally:
            self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        ```

    How to fix:
        Update the metrics in the `finally` of the `try` that holds the plugin run, under no condition.
    """

    code = "GOV401"
    name = "metrics-not-updated"
    section = "§4"
    needs = "metrics-update"
    asks = UnmeasuredRun

    def check(self, fact: UnmeasuredRun) -> Iterator[str]:
        yield (
            f"`{fact.entry}` can be left {fact.way} after `{fact.evidence.what}` ran, without the metrics update (§4); "
            f"update them in a `finally` around the run"
        )
