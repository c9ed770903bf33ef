"""GOV201."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import UnvalidatedInput
from phase12_lint.inspect.rule import PlaceRule


class InputNotValidated(PlaceRule[UnvalidatedInput]):
    """A plugin is run with input that was not validated on every way.

    What it does:
        Follows every way through an entry of the choke point, its private helpers included, and finds a
        plugin run that some way reaches before the input validator has been called on what the plugin is
        given: the two calls share a variable that their arguments come from.

    Why:
        Input validation comes before plugin execution (§2): the image is non-empty, the MIME type is valid. A
        way that goes round the validator hands a plugin whatever was sent.

    Example:
        ```python
        def run(self, plugin_name, payload):
            if payload.get("strict"):
                validate_input(payload)
            return self.registry.get(plugin_name).run(payload), {}
        ```

    Use instead:
        ```python
        def run(self, plugin_name, payload):
            validate_input(payload)
            return self.registry.get(plugin_name).run(payload), {}
        ```

    How to fix:
        Call the input validator on the payload, unconditionally, before the plugin is run and inside the same
        `try`.
    """

    code = "GOV201"
    name = "input-not-validated"
    section = "§2"
    needs = "input-validator"
    asks = UnvalidatedInput

    def check(self, fact: UnvalidatedInput) -> Iterator[str]:
        how = "not on every way" if fact.validated else "by no call"
        yield (
            f"`{fact.entry}` runs `{fact.evidence.what}` with input that is validated {how} (§2); "
            f"call the input validator on what the plugin is given before every run"
        )
