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
        It runs the plugin past the choke point (§1) while no plugin instance stands before the dot.

    Example:
        ```python
        results = list(map(OcrPlugin.run, plugins, payloads))
        ```

    Use instead:
        ```python
        results = [tool_runner.run(name, payload) for name, payload in zip(names, payloads)]
        ```

    How to fix:
        Call the choke point with the plugin's name. An override that wants its parent's behaviour calls
        `super().run(...)`.
    """

    code = "GOV104"
    name = "unbound-plugin-run"
    section = "§1"
    asks = RunAccess

    def check(self, fact: RunAccess) -> Iterator[str]:
        if fact.unbound and not fact.inside and fact.use in ("called", "taken"):
            verb = "runs a plugin" if fact.use == "called" else "is taken"
            yield (
                f"`{fact.evidence.what}.{fact.method}` {verb} unbound, outside the choke point (§1); "
                f"call the tool runner with the plugin's name instead"
            )
