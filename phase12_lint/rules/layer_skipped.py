"""GOV501."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.crossings import Crossing
from phase12_lint.inspect.rule import PlaceRule


class LayerSkipped(PlaceRule[Crossing]):
    """A layer calls past the next layer.

    What it does:
        Finds every governed call (one that leads to the choke point) by code of a layer on a layer below its next
        one: a route that calls the job service, a service that calls the choke point. A call that never leads to
        a plugin is legal. A direct call of a plugin is GOV101 alone.

    Why:
        A request goes from the API through each service to the choke point (§5). Where a layer is skipped, what it
        does (jobs, limits, records) does not happen.

    Example:
        ```python
        class AnalysisService:
            def analyze(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.plugins.execute(name, payload)
        ```

    Use instead:
        ```python
        class AnalysisService:
            def analyze(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.jobs.submit(name, payload)
        ```

    How to fix:
        Call the next layer. If it has no method for this, add one there that calls the layer after it.
    """

    code = "GOV501"
    name = "layer-skipped"
    section = "§5"
    asks = Crossing

    def check(self, fact: Crossing) -> Iterator[str]:
        if fact.source is not None and fact.target > fact.source + 1:
            yield (
                f"`{fact.called}` takes {self.advice.layer(fact.source)} past "
                f"{self.advice.layer(self.advice.due(fact.source))} straight to {self.advice.layer(fact.target)} (§5); "
                + self.advice.instead(fact.source, "call {}")
            )
