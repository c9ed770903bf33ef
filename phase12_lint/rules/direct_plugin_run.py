"""GOV101."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import RunAccess


class DirectPluginRun(PlaceRule[RunAccess]):
    """A plugin is run outside the choke point.

    What it does:
        Finds every call of a plugin's `run` outside the choke point (the one class, function or module through which
        every plugin must run), whatever the variable is called: also in a lambda, awaited, in another plugin, or as
        `self.run()` in another method of a plugin. `super().run()` inside an override of `run` is delegation and legal.

    Why:
        Only the choke point validates input and output, wraps errors, keeps the plugin's state, and counts and times
        the run (§1). A run that bypasses it has none of that.

    Example:
        ```python
        def analyse(registry: PluginRegistry, name: str, payload: dict) -> dict:
            return registry.get(name).run(payload)
        ```

    Use instead:
        ```python
        def analyse(service: AnalysisService, name: str, payload: dict) -> tuple[dict, dict]:
            return service.analyze(name, payload)
        ```

    How to fix:
        Pass the plugin's name to the layer that the message names: a route and code outside the layers call the first
        service, each service calls the next one, and only the last service calls the choke point.
    """

    code = "GOV101"
    name = "direct-plugin-run"
    section = "§1"
    asks = RunAccess

    def check(self, fact: RunAccess) -> Iterator[str]:
        if fact.use == "called" and not fact.inside and not fact.unbound:
            yield (
                f"`{fact.written}` runs a plugin outside {self.advice.runs(fact.method)} (§1); "
                + self.advice.at(fact.scope, "call {} with the plugin's name", fact.method)
            )
