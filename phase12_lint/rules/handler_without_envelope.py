"""GOV306."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.escaping_errors import BareReturn
from phase12_lint.inspect.rule import PlaceRule


class HandlerWithoutEnvelope(PlaceRule[BareReturn]):
    """A handler of the choke point leads to a return without the error envelope.

    What it does:
        Follows the paths from each handler of an entry that covers the plugin lookup, a validator or the plugin run,
        and finds the returns that they lead to and whose error is not an envelope on every such path. A retry ends
        the path.

    Why:
        All exceptions are wrapped in the error envelope, a dict of one fixed shape (§3). A caller that reads its five
        fields must find them whatever went wrong.

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
            f"a handler of `{fact.entry}` leads to a return whose error is not an envelope (§3); "
            + self.advice.function("error-envelope", "return what {} makes of the exception")
        )
