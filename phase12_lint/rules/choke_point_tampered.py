"""GOV105."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import Replacement


class ChokePointTampered(PlaceRule[Replacement]):
    """The choke point's entry, or a plugin's run, is replaced.

    What it does:
        Finds, outside tests, code that replaces the choke point's entry (`ToolRunner.run = f`, `setattr`,
        `mock.patch`), a subclass that overrides it, and code that replaces a plugin's `run` from outside.

    Why:
        Everything else is proved about the choke point as it is written (§1). Where its entry or a plugin's `run` is
        exchanged at run time, the code that runs is not the code that was proved.

    Example:
        ```python
        class FastRunner(ToolRunner):
            def run(self, plugin_name: str, payload: dict) -> tuple[dict, dict]:
                return self.registry.get(plugin_name).process(payload), {}
        ```

    Use instead:
        ```python
        class ToolRunner:
            def run(self, plugin_name: str, payload: dict) -> tuple[dict, dict]:
                ...  # the one place where the behaviour changes, seen by every rule
        ```

    How to fix:
        Change the choke point or the plugin class itself, or give the choke point an object to call. Replace them in
        tests only.
    """

    code = "GOV105"
    name = "choke-point-tampered"
    section = "§1"
    asks = Replacement

    def check(self, fact: Replacement) -> Iterator[str]:
        if not fact.inside:
            yield (
                f"{fact.how} replaces `{fact.target}` outside tests (§1); change its own definition instead"
            )
