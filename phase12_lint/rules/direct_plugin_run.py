"""GOV101."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import RunAccess


class DirectPluginRun(PlaceRule[RunAccess]):
    """A plugin is run outside the choke point.

    What it does:
        Finds every call of a plugin's `run` outside the choke point, whatever the receiver is called: also in a
        lambda, awaited, in another plugin, or as `self.run()` in another method of a plugin. `super().run()` inside
        an override of `run` is delegation and legal.

    Why:
        The choke point alone validates input and output, wraps errors, keeps the plugin's state and counts and
        times the run (§1). A run that goes round it has none of that.

    Example:
        ```python
        def analyse(registry: PluginRegistry, name: str, payload: dict) -> dict:
            return registry.get(name).run(payload)
        ```

    Use instead:
        ```python
        def analyse(tool_runner: ToolRunner, name: str, payload: dict) -> tuple[dict, dict]:
            return tool_runner.run(name, payload)
        ```

    How to fix:
        Pass the plugin's name to the choke point instead of calling the plugin, and let the layer above call
        the layer that owns the choke point.
    """

    code = "GOV101"
    name = "direct-plugin-run"
    section = "§1"
    asks = RunAccess

    def check(self, fact: RunAccess) -> Iterator[str]:
        if fact.use == "called" and not fact.inside and not fact.unbound:
            yield (
                f"`{fact.evidence.what}.{fact.method}` runs a plugin outside the choke point (§1); "
                f"call the tool runner with the plugin's name instead"
            )
