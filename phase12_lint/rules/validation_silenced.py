"""GOV203."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import SilencedValidator
from phase12_lint.inspect.rule import PlaceRule


class ValidationSilenced(PlaceRule[SilencedValidator]):
    """A validator's exception is swallowed.

    What it does:
        Finds a call of a validator in an entry whose exception a handler swallows, or `suppress` does: the
        handler neither raises nor builds the envelope, judged by its own end. Only where that `try` does not
        hold the plugin run as well; there GOV304 and GOV306 speak.

    Why:
        A validator that may fail without consequence is no validation (§2).

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
        yield (
            f"what `{fact.evidence.what}` raises is swallowed in `{fact.entry}` (§2); "
            f"let it reach the handler that builds the envelope"
        )
