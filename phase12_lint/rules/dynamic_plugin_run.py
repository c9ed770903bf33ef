"""GOV103."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.values.places import Reflection


class DynamicPluginRun(PlaceRule[Reflection]):
    """Reflection reaches a plugin's run outside the choke point.

    What it does:
        Finds `getattr` with a name that is, folds to, or may be `run` (a name that cannot be known counts when
        the result is called), `methodcaller` and `attrgetter` applied to a plugin, `__getattribute__`,
        `type(p).run`, `p.__class__.run`, `vars(p)["run"]`, `p.__dict__["run"]`, and constant strings given to
        `eval` or `exec` that do any of this.

    Why:
        It is a plugin run like any other (§1) that is harder to see: no search for `.run(` finds it.

    Example:
        ```python
        def analyse(plugin: Plugin, action: str, payload: dict) -> dict:
            return getattr(plugin, action)(payload)
        ```

    Use instead:
        ```python
        def analyse(service: AnalysisService, name: str, payload: dict) -> tuple[dict, dict]:
            return service.analyze(name, payload)
        ```

    How to fix:
        Call the layer that the message names with the plugin's name. Where other methods of a
        plugin are chosen by name, look the name up in a table of constants that does not hold the method that runs
        the plugin (`plugin-methods` in the policy; `run` by default).
    """

    code = "GOV103"
    name = "dynamic-plugin-run"
    section = "§1"
    asks = Reflection

    def check(self, fact: Reflection) -> Iterator[str]:
        if not fact.inside:
            yield (
                f"{fact.how} reaches `{fact.method}` of plugin `{fact.evidence.what}` "
                f"outside {self.advice.runs(fact.method)} (§1); "
                + self.advice.at(fact.scope, "call {} with the plugin's name", fact.method)
            )
