"""GOV306."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.escaping_errors import BareReturn
from phase12_lint.inspect.rule import PlaceRule


class HandlerWithoutEnvelope(PlaceRule[BareReturn]):
    """A handler of the choke point leads to a return without the envelope.

    What it does:
        Follows the ways from each handler of an entry that covers the plugin lookup, a validator or the
        plugin run, and finds the returns they lead to whose error is not an envelope on every such way. A
        retry ends the way.

    Why:
        All exceptions are wrapped in the envelope (§3). A caller that tests the error for its five keys must
        find them whatever went wrong.

    Example:
        ```python
        except Exception as exc:
            log.exception("failed")
            return None, {"failed": True}
        ```

    Use instead:
        ```python
        except Exception as exc:
            log.exception("failed")
            return None, build_error_envelope(exc, plugin_name)
        ```

    How to fix:
        Build the envelope in the handler and return it as the error.
    """

    code = "GOV306"
    name = "handler-without-envelope"
    section = "§3"
    needs = "error-envelope"
    asks = BareReturn

    def check(self, fact: BareReturn) -> Iterator[str]:
        yield (
            f"a handler of `{fact.entry}` leads to a return whose error is no envelope (§3); "
            f"return what the envelope builder makes of the exception"
        )
