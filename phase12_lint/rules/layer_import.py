"""GOV503."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.layer_imports import LayerImport
from phase12_lint.inspect.rule import PlaceRule


class LayerImported(PlaceRule[LayerImport]):
    """The module of a layer imports the class of a layer that is not its next.

    What it does:
        Finds, in a module that contains a layer (its class, or routes), an import of the class of another layer that is
        not the next one. An import under `TYPE_CHECKING` is legal, and so is one that is only for wiring: to build
        the object and pass it on. An annotation is a use. Reported beside GOV501 and GOV502.

    Why:
        Each layer knows the next one and no other (§5). A class that is imported for more than wiring will be called.

    Example:
        ```python
        from app.tool_runner import ToolRunner


        class JobManagementService:
            def __init__(self, tool_runner: ToolRunner) -> None:
                self.tool_runner = tool_runner
        ```

    Use instead:
        ```python
        from app.plugin_management import PluginManagementService


        class JobManagementService:
            def __init__(self, plugins: PluginManagementService) -> None:
                self.plugins = plugins
        ```

    How to fix:
        Use the next layer instead, and build the layers in a module that contains none of them.
    """

    code = "GOV503"
    name = "layer-import"
    section = "§5"
    asks = LayerImport

    def check(self, fact: LayerImport) -> Iterator[str]:
        source, target = self.advice.layer(fact.source), self.advice.layer(fact.target)
        what = f"`{fact.evidence.what}`"
        of = "" if what == target else f" of the layer {target}"
        yield (
            f"the module of {source} imports {what}{of}, which is not its next layer (§5); "
            f"{self._remedy(fact.source, what)}, and leave the wiring to a module that contains no layer"
        )

    def _remedy(self, source: int, what: str) -> str:
        due = self.advice.due(source)
        if due == source:
            return f"do without {what}"
        return (
            f"use {self.advice.layer(due)}"
            if self.advice.has(due)
            else self.advice.instead(source, "call {}")
        )
