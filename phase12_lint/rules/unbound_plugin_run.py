"""GOV104."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import RunAccess


class UnboundPluginRun(PlaceRule[RunAccess]):
    """A plugin class's run is used unbound outside the choke point.

    What it does:
        Finds `SomePlugin.run(instance, ...)`, called or taken, on a plugin class outside the choke point.

    Why:
        It runs the plugin outside the choke point (§1), and no plugin instance is before the dot to show it.

    Example:
        ```python
        def analyse(plugins: list[OcrPlugin], payloads: list[dict]) -> list[dict]:
            return list(map(OcrPlugin.run, plugins, payloads))
        ```

    Use instead:
        ```python
        def analyse(service: AnalysisService, names: list[str], payloads: list[dict]) -> list[tuple[dict, dict]]:
            return [service.analyze(name, payload) for name, payload in zip(names, payloads)]
        ```

    How to fix:
        Call the layer that the message names with the plugin's name. An override that wants the
        behaviour of the class above calls that method with `super()`.
    """

    code = "GOV104"
    name = "unbound-plugin-run"
    section = "§1"
    asks = RunAccess

    def check(self, fact: RunAccess) -> Iterator[str]:
        if fact.unbound and not fact.inside and fact.use in ("called", "taken"):
            verb = "runs a plugin" if fact.use == "called" else "is taken"
            yield (
                f"`{fact.written}` {verb} unbound, outside {self.advice.runs(fact.method)} (§1); "
                + self.advice.at(fact.scope, "call {} with the plugin's name", fact.method)
            )
