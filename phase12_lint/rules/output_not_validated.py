"""GOV202."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import UnvalidatedOutput
from phase12_lint.inspect.rule import PlaceRule


class OutputNotValidated(PlaceRule[UnvalidatedOutput]):
    """A plugin's result is returned without validation on some path.

    What it does:
        Follows every path from a completed plugin run to a return of the entry (the public method that runs the
        plugin) and finds the run if, on some path, its result does not go through the output validator. Paths that
        return the envelope instead of the result do not count.

    Why:
        The output of a plugin must be a dict (§2). A result that is returned unchecked breaks its reader, far from the
        plugin that made it.

    Example:
        ```python
        result = plugin.run(payload)
        if result:
            validate_plugin_output(result)
        return result, {}
        ```

    Use instead:
        ```python
        result = plugin.run(payload)
        validate_plugin_output(result)
        return result, {}
        ```

    How to fix:
        Call the output validator (`output-validator` in the policy) on the result right after the run, before any
        other code tests or returns it.
    """

    code = "GOV202"
    name = "output-not-validated"
    section = "§2"
    needs = "output-validator"
    asks = UnvalidatedOutput

    def check(self, fact: UnvalidatedOutput) -> Iterator[str]:
        how = "validated only on some paths" if fact.validated else "without validation"
        yield (
            f"the result of `{fact.evidence.what}` leaves `{fact.entry}` {how} (§2); "
            + self.advice.function("output-validator", "call {} on it before every return")
        )
