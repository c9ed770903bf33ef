"""GOV406."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.metrics_calls import UpdateCall
from phase12_lint.inspect.rule import PlaceRule


class ForbiddenState(PlaceRule[UpdateCall]):
    """A plugin is given a state that the policy does not allow.

    What it does:
        Finds, in the choke point, a metrics update whose state is, or may be, a string that is not in `states`:
        as a literal, through a variable, a conditional expression, a constant or a member of an enumeration.

    Why:
        The lifecycle of a plugin has the states that the policy lists (§4). Code that reads the registry knows no
        others.

    Example:
        ```python
        state = "DONE" if not had_error else "FAILED"
        ```

    Use instead:
        ```python
        state = "INITIALIZED" if not had_error else "FAILED"
        ```

    How to fix:
        Use one of the states of the policy, or add the new one to `states`.
    """

    code = "GOV406"
    name = "forbidden-state"
    section = "§4"
    needs = "metrics-update"
    asks = UpdateCall

    def check(self, fact: UpdateCall) -> Iterator[str]:
        if fact.states:
            texts = ", ".join(f"`{text}`" for text in fact.states)
            known = ", ".join(self.advice.states)
            yield (
                f"{texts} {'is' if len(fact.states) == 1 else 'are'} not in `states` of the policy (§4); "
                f"use one of {known}, or add it there"
            )
