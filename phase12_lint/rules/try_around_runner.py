"""GOV301."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.catching import Catching
from phase12_lint.inspect.rule import PlaceRule


class TryAroundRunner(PlaceRule[Catching]):
    """A call of the choke point is inside a `try` with handlers.

    What it does:
        Finds a `try` with any handler (`except`, `except*`), or `contextlib.suppress`, whose body calls the choke
        point, at any depth. `try`/`finally` is legal, and so is a call in the `else` or `finally`, before or after it.

    Why:
        The choke point never raises: it returns `(result, error)`, and `error` is an envelope (§3). A handler around
        it can only hide a defect of the choke point, or turn its error into a second, different kind.

    Example:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                try:
                    return self.tool_runner.run(name, payload)
                except Exception:
                    return {}, {"error": "failed"}
        ```

    Use instead:
        ```python
        class PluginManagementService:
            def execute(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.tool_runner.run(name, payload)
        ```

    How to fix:
        Remove the `try` and test the `error` that the choke point returns. Other statements that may raise go into a
        `try` of their own.
    """

    code = "GOV301"
    name = "try-around-runner"
    section = "§3"
    needs = "error-envelope"
    asks = Catching

    def check(self, fact: Catching) -> Iterator[str]:
        if fact.runs:
            yield (
                f"{fact.how} around `{fact.called}` catches what {self.advice.choke_point} has already wrapped (§3); "
                f"call it without one, and test the error that it returns"
            )
