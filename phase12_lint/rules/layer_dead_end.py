"""GOV504."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.dead_ends import DeadEnd
from phase12_lint.inspect.rule import PlaceRule


class LayerDeadEnd(PlaceRule[DeadEnd]):
    """A layer never calls the next layer.

    What it does:
        Finds the class of a layer that contains no call to the next layer, also not in functions that only this class
        calls. Building the next layer and passing it on is not a call. Where the class calls a layer further down or
        runs a plugin, only that is reported.

    Why:
        Each layer passes requests on to the next one (§5). A layer that never does so answers by itself, or the path to
        the choke point bypasses it.

    Example:
        ```python
        class JobManagementService:
            def submit(self, name: str, payload: dict) -> tuple[dict, dict]:
                return {"queued": name}, {}
        ```

    Use instead:
        ```python
        class JobManagementService:
            def __init__(self, plugins: PluginManagementService) -> None:
                self.plugins = plugins

            def submit(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.plugins.execute(name, payload)
        ```

    How to fix:
        Give the class the next layer in its constructor and call it, or remove the class from `layers` in the policy.
    """

    code = "GOV504"
    name = "layer-dead-end"
    section = "§5"
    asks = DeadEnd

    def check(self, fact: DeadEnd) -> Iterator[str]:
        what, following = f"`{fact.evidence.what}`", self.advice.layer(fact.following)
        remedy = f"call it, or remove {what} from `layers` in the policy"
        yield f"{what} never calls the next layer, {following} (§5); " + (
            remedy if self.advice.has(fact.following) else self.advice.instead(fact.following - 1, "call {}")
        )
