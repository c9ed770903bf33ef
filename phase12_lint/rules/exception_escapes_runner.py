"""GOV303."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.escaping_errors import Exposure
from phase12_lint.inspect.rule import PlaceRule


class ExceptionEscapesRunner(PlaceRule[Exposure]):
    """An exception can leave the choke point.

    What it does:
        Finds, in an entry of the choke point (a public method that runs a plugin), the plugin run, the plugin lookup
        or a validator call that no handler for `Exception` or wider covers (the run if it is not covered, else the
        first of the others), and each `raise` in a handler that nothing around it catches.

    Why:
        No raw exception may escape the choke point (§3): its callers test the error that they are given and handle no
        exceptions.

    Example:
        ```python
        def run(self, plugin_name, payload):
            plugin = self.registry.get(plugin_name)
            try:
                validate_input(payload)
                result = plugin.run(payload)
                validate_plugin_output(result)
                return result, {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
            finally:
                self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        ```

    Use instead:
        ```python
        def run(self, plugin_name, payload):
            try:
                plugin = self.registry.get(plugin_name)
                validate_input(payload)
                result = plugin.run(payload)
                validate_plugin_output(result)
                return result, {}
            except Exception as exc:
                return {}, build_error_envelope(exc, plugin_name)
            finally:
                self.registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)
        ```

    How to fix:
        Put the lookup, the validators and the run into one `try` with `except Exception`, and return the envelope
        from that handler.
    """

    code = "GOV303"
    name = "exception-escapes-runner"
    section = "§3"
    needs = "error-envelope"
    asks = Exposure

    def check(self, fact: Exposure) -> Iterator[str]:
        if fact.raised:
            yield f"this handler raises out of `{fact.entry}` (§3); " + self.advice.function(
                "error-envelope", "return what {} makes of the exception instead"
            )
        else:
            yield (
                f"what `{fact.evidence.what}` raises can leave `{fact.entry}` (§3); "
                + self.advice.function(
                    "error-envelope", "put it in a `try` whose `except Exception` returns what {} makes of it"
                )
            )
