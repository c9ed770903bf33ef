"""GOV102."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import RunAccess


class PluginRunEscapes(PlaceRule[RunAccess]):
    """A plugin's run is taken outside the choke point, to be called elsewhere.

    What it does:
        Finds the bound method of a plugin where it is taken and not called: an alias, `partial`, `to_thread`,
        `submit`, `map`, `target=`, stored, returned, decorated. Looking at it (`callable(p.run)`,
        `inspect.signature(p.run)`, `p.run.__doc__`) is legal. The use of the alias is not reported again.

    Why:
        Whoever holds the bound method can run the plugin without validation, error envelope, state and metrics (§1),
        and a reader of that call cannot tell.

    Example:
        ```python
        async def analyse(plugin: Plugin, payload: dict) -> dict:
            return await asyncio.to_thread(plugin.run, payload)
        ```

    Use instead:
        ```python
        async def analyse(service: AnalysisService, name: str, payload: dict) -> tuple[dict, dict]:
            return await asyncio.to_thread(service.analyze, name, payload)
        ```

    How to fix:
        Hand over the method of the layer that the message names, and the plugin's name. Only code
        inside the choke point may pass the plugin's own method to a thread, pool or queue.
    """

    code = "GOV102"
    name = "plugin-run-escapes"
    section = "§1"
    asks = RunAccess

    def check(self, fact: RunAccess) -> Iterator[str]:
        if fact.use == "taken" and not fact.inside and not fact.unbound:
            yield (
                f"`{fact.written}` is taken outside {self.advice.runs(fact.method)} "
                f"and can run the plugin anywhere (§1); "
                + self.advice.at(fact.scope, "hand over {} and the plugin's name", fact.method)
            )
