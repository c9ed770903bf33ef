"""GOV302."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.catching import Catching
from phase12_lint.inspect.rule import PlaceRule


class BroadTryAroundGovernedCall(PlaceRule[Catching]):
    """A call that leads to the choke point stands within a `try` that catches everything.

    What it does:
        Finds a `try` whose handler is bare or catches `Exception` or `BaseException`, or a `suppress` of these,
        whose body makes a call that reaches the choke point through services or helpers. A call of the choke point
        itself is GOV301. Handlers for narrower exceptions are legal.

    Why:
        What a plugin does wrong comes back as an error envelope and not as an exception (§3). A handler for
        everything hides the defects of the services between, and its answer is no envelope.

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
        Take the `try` away, or catch only what the code beside the call may raise.
    """

    code = "GOV302"
    name = "broad-try-around-governed-call"
    section = "§3"
    needs = "error-envelope"
    asks = Catching

    def check(self, fact: Catching) -> Iterator[str]:
        if fact.broad and not fact.runs:
            yield (
                f"{fact.how} around `{fact.called}` catches everything, and the call leads to the choke point, which "
                f"returns its errors (§3); catch only what is expected, or nothing"
            )
