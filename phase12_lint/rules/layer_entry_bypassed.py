"""GOV505."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.crossings import Crossing
from phase12_lint.inspect.rule import PlaceRule


class LayerEntryBypassed(PlaceRule[Crossing]):
    """Code outside the layers calls a layer below the first service.

    What it does:
        Finds every governed call (one that leads to the choke point) by code of no layer, such as a script, a worker
        or a task, on a layer below the first service. Building the services and passing them on is legal anywhere.

    Why:
        The first service is the entry for all code that is not part of the layers (§5). A call that enters further
        down misses what the services above it do.

    Example:
        ```python
        def nightly(tool_runner: ToolRunner, names: list[str], payload: dict) -> None:
            for name in names:
                tool_runner.run(name, payload)
        ```

    Use instead:
        ```python
        def nightly(service: AnalysisService, names: list[str], payload: dict) -> None:
            for name in names:
                service.analyze(name, payload)
        ```

    How to fix:
        Take the first service as a parameter, or from the module that builds the services, and call that.
    """

    code = "GOV505"
    name = "layer-entry-bypassed"
    section = "§5"
    asks = Crossing

    def check(self, fact: Crossing) -> Iterator[str]:
        if fact.source is None and fact.target > 1:
            yield (
                f"`{fact.called}` enters at {self.advice.layer(fact.target)}, below the first service (§5); "
                + self.advice.instead(fact.source, "call {}")
            )
