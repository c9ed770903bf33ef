"""GOV203."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import SilencedValidator
from phase12_lint.inspect.rule import PlaceRule


class ValidationSilenced(PlaceRule[SilencedValidator]):
    """A validator's exception is swallowed.

    What it does:
        Finds a call of a validator in an entry of the choke point whose exception a handler or `suppress` swallows: the
        handler neither raises nor ends with the error envelope. Only where that `try` does not also contain the plugin
        run; there GOV304 and GOV306 report it.

    Why:
        A validator that may fail without consequence validates nothing (§2).

    Example:
        ```python
        try:
            validate_input(payload)
        except ValueError:
            log.warning("odd input")
        result = plugin.run(payload)
        ```

    Use instead:
        ```python
        validate_input(payload)  # the handler of the entry turns what it raises into the envelope
        result = plugin.run(payload)
        ```

    How to fix:
        Let the exception go to the handler of the entry, or return the envelope from this one.
    """

    code = "GOV203"
    name = "validation-silenced"
    section = "§2"
    asks = SilencedValidator

    def check(self, fact: SilencedValidator) -> Iterator[str]:
        builder = self.advice.named("error-envelope", "the envelope builder")
        yield (
            f"what `{fact.evidence.what}` raises is swallowed in `{fact.entry}` (§2); "
            f"let it reach the handler that returns what {builder} makes of it"
        )
