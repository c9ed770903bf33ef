"""GOV601."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import RawAnswer
from phase12_lint.inspect.rule import PlaceRule


class ApiRawException(PlaceRule[RawAnswer]):
    """The API sends a raw exception to the client.

    What it does:
        Finds every `return`, `HTTPException` and response of a route or an exception handler that contains the text,
        `repr`, `args` or traceback of an exception; also through variables, containers and helper functions. The
        parameter of an exception handler counts as a caught exception. The `error` object of an envelope is not raw.

    Why:
        The text of an exception tells a client about file paths, queries and versions, and it changes with every
        library (§6). The API answers with structured errors only.

    Example:
        ```python
        except ValueError as exc:
            raise HTTPException(status_code=400, detail=str(exc))
        ```

    Use instead:
        ```python
        except ValueError as exc:
            logger.warning("bad image: %s", exc)
            raise HTTPException(status_code=400, detail="the image is not base64") from exc
        ```

    How to fix:
        Log the exception and answer with a message of your own, or with the `error` object of an envelope that the
        envelope builder (`error-envelope` in the policy) made.
    """

    code = "GOV601"
    name = "api-raw-exception"
    section = "§6"
    asks = RawAnswer

    def check(self, fact: RawAnswer) -> Iterator[str]:
        yield (
            f"`{fact.evidence.what}` {fact.how} {fact.kind.value} to the client (§6); "
            f"log it and answer with a message of your own, or with the `error` object of an envelope"
        )
