"""GOV604."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import InternalLeak
from phase12_lint.inspect.rule import PlaceRule


class ApiInternalLeak(PlaceRule[InternalLeak]):
    """The API sends the internal part of an error envelope to the client.

    What it does:
        Finds every response, `HTTPException` and return of a route or an exception handler that contains `_internal`,
        or the whole error envelope with it; also through copies, variables and helper functions.

    Why:
        `_internal` contains the traceback: file names, code and values of the server (§6). It belongs in the log.

    Example:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error)
        ```

    Use instead:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error["error"])
        ```

    How to fix:
        Answer with `error["error"]` alone, and log `error["_internal"]`.
    """

    code = "GOV604"
    name = "api-internal-leak"
    section = "§6"
    needs = "error-envelope"
    asks = InternalLeak

    def check(self, fact: InternalLeak) -> Iterator[str]:
        what = "the whole envelope with its `_internal`" if fact.whole else "`_internal`"
        yield (
            f"the route {fact.how} {what} of `{fact.evidence.what}` to the client (§6); "
            f"answer with its `error` object alone"
        )
