"""GOV406."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics_calls import UpdateCall
from phase12_lint.inspect.rule import PlaceRule


class ForbiddenState(PlaceRule[UpdateCall]):
    """A plugin is given a state that is none.

    What it does:
        Finds, in the choke point, a metrics update whose state is, or may be, a text that is not in `states`:
        written out, through a variable, a conditional expression, a constant or a member of an enumeration.

    Why:
        The lifecycle has five states (§4). Whoever reads the registry knows no other.

    Example:
        ```python
        state = "DONE" if not had_error else "FAILED"
        ```

    Use instead:
        ```python
        state = "INITIALIZED" if not had_error else "FAILED"
        ```

    How to fix:
        Use one of the states of the policy, or name the new one in `states`.
    """

    code = "GOV406"
    name = "forbidden-state"
    section = "§4"
    needs = "metrics-update"
    asks = UpdateCall

    def check(self, fact: UpdateCall) -> Iterator[str]:
        if fact.states:
            texts = ", ".join(f"`{text}`" for text in fact.states)
            yield (
                f"{texts} is no state of a plugin (§4); use one of those that the policy names in `states`"
            )
