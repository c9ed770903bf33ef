"""GOV304."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.raw_returns import RawReturn
from phase12_lint.inspect.rule import PlaceRule


class RawExceptionReturned(PlaceRule[RawReturn]):
    """A layer or the choke point returns a raw exception.

    What it does:
        Finds every `return` and `yield` in the services and the choke point that passes on a caught exception: the
        exception itself, its `str`, `repr`, f-string or `args`, or a traceback; also inside a container, through
        variables and through helper functions. What goes through the envelope builder is not raw.

    Why:
        Callers rely on one shape of error (§3): the envelope, whose `error` may leave the process while the traceback
        stays in `_internal`. A raw exception does not separate the two.

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
        Pass the exception to the envelope builder (`error-envelope` in the policy) and return its result. If the text
        is only for the operators of the service, log it and return a message of your own.
    """

    code = "GOV304"
    name = "raw-exception-returned"
    section = "§3"
    needs = "error-envelope"
    asks = RawReturn

    def check(self, fact: RawReturn) -> Iterator[str]:
        verb = fact.how.removesuffix("s")
        yield (
            f"{self.advice.layer(fact.layer)} {fact.how} {fact.kind.value} in `{fact.evidence.what}` (§3); "
            + self.advice.function("error-envelope", f"{verb} what {{}} makes of the exception instead")
        )
