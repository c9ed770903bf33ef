"""GOV602."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import WrongStatus
from phase12_lint.inspect.rule import PlaceRule


class ApiWrongErrorStatus(PlaceRule[WrongStatus]):
    """The error of a governed call leaves the API with a status other than 400.

    What it does:
        Finds every `raise` and `return` of a route that answers with the error of a governed call (a call that leads to
        the choke point), or where it is known that the call has failed, with a status other than 400 or as a plain
        return.

    Why:
        A client tells success from failure by the status (§6). An error with status 200 is taken for a result, and one
        with status 500 is retried although it will fail again.

    Example:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            return {"error": error["error"]}
        ```

    Use instead:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error["error"])
        ```

    How to fix:
        Raise `HTTPException(status_code=400, detail=error["error"])`, or return a response with status 400.
    """

    code = "GOV602"
    name = "api-wrong-error-status"
    section = "§6"
    needs = "error-envelope"
    asks = WrongStatus

    def check(self, fact: WrongStatus) -> Iterator[str]:
        status = "a plain return" if fact.plain and fact.status == 200 else f"status {fact.status}"
        yield (
            f"the error of `{fact.evidence.what}` leaves with {status} (§6); "
            f"answer with its `error` object and status 400 instead"
        )
