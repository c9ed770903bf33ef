"""The rules, one a module. A module here is its rule's registration; nothing else lists them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from phase12_lint.inspect.rule import Rule


@cache
def catalogue() -> tuple[type[Rule], ...]:
    """Every rule, in the order of the codes."""
    found = []
    for module in iter_modules(__path__, f"{__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Rule) and "code" in vars(value):
                found.append(value)
    return tuple(sorted(found, key=lambda rule: rule.code))
