"""GOV303."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.escaping_errors import Exposure
from phase12_lint.inspect.rule import PlaceRule


class ExceptionEscapesRunner(PlaceRule[Exposure]):
    """An exception can leave the choke point.

    What it does:
        Finds, in an entry of the choke point, the plugin run, the plugin lookup or a validator that stands
        under no handler for `Exception` or wider (the run if it is exposed, else the first of the others),
        and each `raise` in a handler that nothing around it catches.

    Why:
        No raw exception may escape the choke point (§3): its callers test the error they are given and guard
        against nothing else.

    Example:
        ```python
        def run(self, plugin_name, payload):
            plugin = self.registry.get(plugin_name)
            try:
                return plugin.run(payload), {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
        ```

    Use instead:
        ```python
        def run(self, plugin_name, payload):
            try:
                plugin = self.registry.get(plugin_name)
                return plugin.run(payload), {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
        ```

    How to fix:
        Put lookup, validators and run into one `try` with `except Exception`, and return the envelope from
        it.
    """

    code = "GOV303"
    name = "exception-escapes-runner"
    section = "§3"
    needs = "error-envelope"
    asks = Exposure

    def check(self, fact: Exposure) -> Iterator[str]:
        if fact.raised:
            yield (
                f"this handler raises out of `{fact.entry}` (§3); "
                f"return the envelope of the exception instead"
            )
        else:
            yield (
                f"what `{fact.evidence.what}` raises can leave `{fact.entry}` (§3); "
                f"put it under the `except Exception` that returns the envelope"
            )
