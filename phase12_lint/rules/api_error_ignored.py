"""GOV603."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import IgnoredError
from phase12_lint.inspect.rule import PlaceRule


class ApiErrorIgnored(PlaceRule[IgnoredError]):
    """The API ignores the error of a governed call.

    What it does:
        Finds every governed call of a route (a call that leads to the choke point) whose error is never tested: it is
        not taken from the pair, it is taken and not used, or the pair is returned as it is.

    Why:
        A governed call does not raise; it returns a result and an error (§6). Where the error is not tested, a failed
        analysis is answered as a success without a result.

    Example:
        ```python
        result, _ = service.analyze(plugin_name, image)
        return {"result": result}
        ```

    Use instead:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error["error"])
        return {"result": result}
        ```

    How to fix:
        Take both values of the pair, and answer the error with status 400 before you use the result.
    """

    code = "GOV603"
    name = "api-error-ignored"
    section = "§6"
    needs = "error-envelope"
    asks = IgnoredError

    def check(self, fact: IgnoredError) -> Iterator[str]:
        yield (
            f"the error of `{fact.evidence.what}` is never tested (§6); "
            f"test it and answer with its `error` object with status 400"
        )
