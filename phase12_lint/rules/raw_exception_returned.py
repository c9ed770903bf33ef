"""GOV304."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.raw_returns import RawReturn
from phase12_lint.inspect.rule import PlaceRule


class RawExceptionReturned(PlaceRule[RawReturn]):
    """A layer or the choke point returns a raw exception.

    What it does:
        Finds every `return` and `yield` in the services and the choke point that gives back a caught exception:
        itself, its `str`, `repr`, f-string or `args`, or a traceback; also inside a container, through variables
        and through helper functions. What goes through the envelope builder is not raw.

    Why:
        Callers rely on one shape of error (§3): the envelope, whose `error` may leave the process while the
        traceback stays in `_internal`. A raw exception has no such line in it.

    Example:
        ```python
        def execute(self, plugin_name: str, text: str) -> tuple[dict | None, dict | None]:
            try:
                payload = json.loads(text)
            except ValueError as exc:
                return None, {"error": str(exc)}
            return self.tool_runner.run(plugin_name, payload)
        ```

    Use instead:
        ```python
        def execute(self, plugin_name: str, text: str) -> tuple[dict | None, dict | None]:
            try:
                payload = json.loads(text)
            except ValueError as exc:
                return None, build_error_envelope(exc, plugin_name)
            return self.tool_runner.run(plugin_name, payload)
        ```

    How to fix:
        Give the exception to the envelope builder and return what it makes. If the text is only for people who
        run the service, log it and return a message of your own.
    """

    code = "GOV304"
    name = "raw-exception-returned"
    section = "§3"
    needs = "error-envelope"
    asks = RawReturn

    def check(self, fact: RawReturn) -> Iterator[str]:
        yield (
            f"{fact.layer} {fact.how} {fact.kind.value} in `{fact.evidence.what}` (§3); "
            f"pass the exception to the envelope builder and {fact.how.removesuffix('s')} the envelope instead"
        )
