"""GOV605."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.api_errors import BareResult
from phase12_lint.inspect.rule import PlaceRule


class ApiUnstructuredSuccess(PlaceRule[BareResult]):
    """A route returns the bare result of a governed call.

    What it does:
        Finds every return of a route that gives the result of a governed call as it is: not in a dict, not in a
        response object, and with no response model declared.

    Why:
        The result of a plugin is what that plugin makes of it. An API keeps its promise to clients only where it
        says itself what it answers (§6).

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
