"""GOV401."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics_on_paths import UnmeasuredRun
from phase12_lint.inspect.rule import PlaceRule


class MetricsNotUpdated(PlaceRule[UnmeasuredRun]):
    """Some path out of the choke point misses the metrics update.

    What it does:
        Follows every path out of an entry after a plugin run, by return and by exception, and finds the run if some
        path misses the metrics update (`metrics-update` in the policy). The statements of a `finally` before the
        update are assumed not to raise; an update inside a `try` of its own counts.

    Why:
        The update must follow every execution (§4). The runs that would not be counted are those that failed.

    Example:
        ```python
        def run(self, plugin_name, payload):
            try:
                validate_input(payload)
                result = self.registry.get(plugin_name).run(payload)
                validate_plugin_output(result)
                self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
                return result, {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
        ```

    Use instead:
        ```python
        def run(self, plugin_name, payload):
            try:
                validate_input(payload)
                result = self.registry.get(plugin_name).run(payload)
                validate_plugin_output(result)
                return result, {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
            finally:
                self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        ```

    How to fix:
        Update the metrics in the `finally` of the `try` that contains the plugin run, unconditionally.
    """

    code = "GOV401"
    name = "metrics-not-updated"
    section = "§4"
    needs = "metrics-update"
    asks = UnmeasuredRun

    def check(self, fact: UnmeasuredRun) -> Iterator[str]:
        yield (
            f"`{fact.entry}` can be left {fact.way} after `{fact.evidence.what}` ran, "
            f"with the metrics not updated (§4); "
            + self.advice.function("metrics-update", "call {} in a `finally` around the run")
        )
