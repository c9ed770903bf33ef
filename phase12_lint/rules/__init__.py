"""The rules, one a module. A module here is its rule's registration; nothing else lists them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from phase12_lint.inspect.rule import Rule


@cache
def catalogue() -> tuple[type[Rule], ...]:
    """Every rule, in the order of the codes."""
    modules = [import_module(module.name) for module in iter_modules(__path__, f"{__name__}.")]
    values = [value for module in modules for value in vars(module).values()]
    rules = [v for v in values if isinstance(v, type) and issubclass(v, Rule) and "code" in vars(v)]
    return tuple(sorted(rules, key=lambda rule: rule.code))
