"""GOV605."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import BareResult
from phase12_lint.inspect.rule import PlaceRule


class ApiUnstructuredSuccess(PlaceRule[BareResult]):
    """A route returns the bare result of a governed call.

    What it does:
        Finds every return of a route that passes on the result of a governed call (a call that leads to the choke
        point) as it is: not in a dict, not in a response object, and with no response model declared.

    Why:
        Each plugin decides what its result contains. An API can keep a contract with its clients only where the API
        itself says what it answers (§6).

    Example:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error["error"])
        return result
        ```

    Use instead:
        ```python
        result, error = service.analyze(plugin_name, image)
        if error:
            raise HTTPException(status_code=400, detail=error["error"])
        return {"plugin": plugin_name, "result": result}
        ```

    How to fix:
        Return a dict that names the result, a response object, or declare `response_model`.
    """

    code = "GOV605"
    name = "api-unstructured-success"
    section = "§6"
    needs = "error-envelope"
    asks = BareResult

    def check(self, fact: BareResult) -> Iterator[str]:
        yield (
            f"the route returns the bare result of `{fact.evidence.what}` (§6); "
            f"return a dict that names it, a response object, or declare a response model"
        )
