"""GOV402."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics import MetricsUpdate
from phase12_lint.inspect.rule import PlaceRule


class MetricsUpdatedOutsideRunner(PlaceRule[MetricsUpdate]):
    """The metrics update is called outside the choke point.

    What it does:
        Finds every call of the metrics update (`metrics-update` in the policy) that is not part of the choke point:
        also through an alias, handed to a pool, or by `getattr`. A class that defines a method of that name may
        delegate to another.

    Why:
        The metrics say what the choke point did: once for every run, with the state and the time of that run (§4).
        A second caller counts runs that did not happen, or counts one twice.

    Example:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                result, error = self.tool_runner.run(name, payload)
                if error:
                    self.registry.update_execution_metrics(name, "FAILED", 0.0, True)
                return result, error
        ```

    Use instead:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.tool_runner.run(name, payload)
        ```

    How to fix:
        Remove the call: the choke point has already updated the metrics of the run.
    """

    code = "GOV402"
    name = "metrics-updated-outside-runner"
    section = "§4"
    needs = "metrics-update"
    asks = MetricsUpdate

    def check(self, fact: MetricsUpdate) -> Iterator[str]:
        yield (
            f"`{fact.evidence.what}` updates the metrics outside {self.advice.choke_point} (§4); "
            f"leave that to {self.advice.choke_point}, which does it once for every run"
        )
