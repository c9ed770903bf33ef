"""GOV502."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.crossings import Crossing
from phase12_lint.inspect.rule import PlaceRule


class LayerReversed(PlaceRule[Crossing]):
    """A layer calls a layer above it.

    What it does:
        Finds every governed call (one that leads to the choke point) by code of a layer on a layer above it: a
        service that submits to the service that called it, the choke point that calls a service, a service that
        calls a route.

    Why:
        Calls go down, results come back (§5). A call upwards makes a cycle: the layers can no longer be used or tested
        one by one, and a failure can start the same work again without end.

    Example:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                result, error = self.tool_runner.run(name, payload)
                return self.jobs.submit("fallback", payload) if error else (result, error)
        ```

    Use instead:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.tool_runner.run(name, payload)
        ```

    How to fix:
        Return the result or the error, and let the layer above decide what to do next.
    """

    code = "GOV502"
    name = "layer-reversed"
    section = "§5"
    asks = Crossing

    def check(self, fact: Crossing) -> Iterator[str]:
        if fact.source is not None and fact.target < fact.source:
            yield (
                f"`{fact.called}` calls {self.advice.layer(fact.target)} from {self.advice.layer(fact.source)}, "
                f"a layer below it (§5); return the result and let {self.advice.layer(fact.target)} decide"
            )
