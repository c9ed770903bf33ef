"""GOV504."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.dead_ends import DeadEnd
from phase12_lint.inspect.rule import PlaceRule


class LayerDeadEnd(PlaceRule[DeadEnd]):
    """A layer never calls the next layer.

    What it does:
        Finds the class of a layer in which, and in the functions that only it calls, there is no call of the next
        layer. Building the next layer and passing it on is no call. Where the class calls a layer further down or runs
        a plugin, that is reported, and its consequence is not.

    Why:
        A layer hands what it is asked to the next one (§5). One that never does so answers by itself, or the way to
        the choke point goes round it.

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
        Give the class the next layer in its constructor and call it, or take the class out of `layers`.
    """

    code = "GOV504"
    name = "layer-dead-end"
    section = "§5"
    asks = DeadEnd

    def check(self, fact: DeadEnd) -> Iterator[str]:
        yield (
            f"`{fact.evidence.what}` never calls the next layer, `{fact.following}` (§5); "
            f"call it, or take the class out of `layers`"
        )
