"""GOV302."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.catching import Catching
from phase12_lint.inspect.rule import PlaceRule


class BroadTryAroundGovernedCall(PlaceRule[Catching]):
    """A call that leads to the choke point is inside a `try` that catches everything.

    What it does:
        Finds a `try` whose handler is bare or catches `Exception` or `BaseException`, or a `suppress` of these,
        whose body makes a call that reaches the choke point through services or helpers. A call of the choke point
        itself is GOV301. Handlers for narrower exceptions are legal.

    Why:
        The failure of a plugin comes back as an error envelope and not as an exception (§3). A handler for everything
        hides the defects of the services in between, and what it returns is not an envelope.

    Example:
        ```python
        class AnalysisService:
            def analyze(self, name: str, payload: dict) -> tuple[dict, dict]:
                try:
                    return self.jobs.submit(name, payload)
                except Exception:
                    return {}, {}
        ```

    Use instead:
        ```python
        class AnalysisService:
            def analyze(self, name: str, payload: dict) -> tuple[dict, dict]:
                return self.jobs.submit(name, payload)
        ```

    How to fix:
        Remove the `try`, or catch only the exceptions that the rest of its body is expected to raise.
    """

    code = "GOV302"
    name = "broad-try-around-governed-call"
    section = "§3"
    needs = "error-envelope"
    asks = Catching

    def check(self, fact: Catching) -> Iterator[str]:
        if fact.broad and not fact.runs:
            yield (
                f"{fact.how} around `{fact.called}` catches everything, and the call leads to "
                f"{self.advice.choke_point}, which returns its errors (§3); "
                f"catch only the exceptions that you expect, or none"
            )
