"""GOV404."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics_calls import UpdateCall
from phase12_lint.inspect.rule import PlaceRule


class MetricsCallMalformed(PlaceRule[UpdateCall]):
    """The metrics update is called with the wrong arguments.

    What it does:
        Finds, in the choke point, a call of the metrics update (`metrics-update` in the policy) that does not pass
        `(plugin_name, state, elapsed_ms, had_error)` by position or keyword, or in which `elapsed_ms` or `had_error`
        is a literal.

    Why:
        The metrics are made from those four values (§4). A literal time or outcome was not measured.

    Example:
        ```python
        self.registry.update_execution_metrics(plugin_name, "INITIALIZED", 0.0, False)
        ```

    Use instead:
        ```python
        self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        ```

    How to fix:
        Pass the plugin's name, its state, the milliseconds measured and whether there was an error.
    """

    code = "GOV404"
    name = "metrics-call-malformed"
    section = "§4"
    needs = "metrics-update"
    asks = UpdateCall

    def check(self, fact: UpdateCall) -> Iterator[str]:
        wrong = [*fact.wrong, *(f"`{name}` is a literal" for name in fact.literal)]
        if wrong:
            update = self.advice.named("metrics-update", "the metrics update")
            yield (
                f"the call of {update} is wrong: {', '.join(wrong)} (§4); "
                f"pass plugin_name, state, elapsed_ms, had_error as they were measured"
            )
