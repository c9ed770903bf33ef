"""GOV202."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validation import UnvalidatedOutput
from phase12_lint.inspect.rule import PlaceRule


class OutputNotValidated(PlaceRule[UnvalidatedOutput]):
    """A plugin's result leaves without being validated on some way.

    What it does:
        Follows every way from a completed plugin run to a return of the entry and finds the run if, on some
        way, its result does not go through the output validator. A return of the envelope instead of the
        result is no such way.

    Why:
        The output of a plugin must be a dict (§2). A result that is returned unseen breaks whoever reads it,
        far from the plugin that made it.

    Example:
        ```python
        def run(self, plugin_name, payload):
            validate_input(payload)
            result = self.registry.get(plugin_name).run(payload)
            if result:
                validate_plugin_output(result)
            return result, {}
        ```

    Use instead:
        ```python
        def run(self, plugin_name, payload):
            validate_input(payload)
            result = self.registry.get(plugin_name).run(payload)
            validate_plugin_output(result)
            return result, {}
        ```

    How to fix:
        Call the output validator on the result right after the run, before anything decides on it or returns
        it.
    """

    code = "GOV202"
    name = "output-not-validated"
    section = "§2"
    needs = "output-validator"
    asks = UnvalidatedOutput

    def check(self, fact: UnvalidatedOutput) -> Iterator[str]:
        how = "not on every way" if fact.validated else "by no call"
        yield (
            f"the result of `{fact.evidence.what}` leaves `{fact.entry}` validated {how} (§2); "
            f"call the output validator on it before every return"
        )
