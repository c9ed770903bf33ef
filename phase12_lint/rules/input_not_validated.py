"""GOV201."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import UnvalidatedInput
from phase12_lint.inspect.rule import PlaceRule


class InputNotValidated(PlaceRule[UnvalidatedInput]):
    """A plugin is run with input that is not validated on every path.

    What it does:
        Follows every path through an entry of the choke point (a public method that runs a plugin), its private
        helpers included, and finds a plugin run that some path reaches before the input validator has been called on
        what the plugin is given: the arguments of the two calls come from the same variable.

    Why:
        Input validation comes before plugin execution (§2): the image is non-empty, the MIME type is valid. A path
        that bypasses the validator hands the plugin whatever was sent.

    Example:
        ```python
        if payload.get("strict"):
            validate_input(payload)
        result = plugin.run(payload)
        ```

    Use instead:
        ```python
        validate_input(payload)
        result = plugin.run(payload)
        ```

    How to fix:
        Call the input validator (`input-validator` in the policy) on the payload, unconditionally, before the plugin
        is run and inside the same `try`.
    """

    code = "GOV201"
    name = "input-not-validated"
    section = "§2"
    needs = "input-validator"
    asks = UnvalidatedInput

    def check(self, fact: UnvalidatedInput) -> Iterator[str]:
        how = "validated only on some paths" if fact.validated else "not validated on any path"
        yield (
            f"`{fact.entry}` runs `{fact.evidence.what}` with input that is {how} (§2); "
            + self.advice.function("input-validator", "call {} on what the plugin is given before every run")
        )
