"""Whether what the policy names exists in the program (GOV004)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.survey.governed import last_part
from phase12_lint.survey.modules import Module
from phase12_lint.survey.sources import tail_of

if TYPE_CHECKING:
    from phase12_lint.survey.program import Program

_CLASSES = ("plugin-bases", "layers")


def exists(program: Program, key: str, name: str) -> bool:
    """Whether a governed file defines or imports ``name``; for a plugin source, also whether one calls it."""
    last = last_part(name)
    if key == "choke-point":
        choke = program.choke
        named = [*choke.classes, *choke.functions]
        if any(scope.name == last for scope in named) or program.project.named(name.replace(":", ".")):
            return True
    modules = program.project.modules_with(last)
    if any(_imports(module, last) for module in modules) and ":" not in name:
        return True
    if key in _CLASSES:
        return any(last in module.classes for module in modules)
    if key == "choke-point":
        return False
    tail = tuple(name.replace(":", ".").split("."))
    return any(
        _defines(module, tail) or (key == "plugin-sources" and _calls(module, tail)) for module in modules
    )


def _imports(module: Module, name: str) -> bool:
    return any(
        alias.name == name or alias.asname == name
        for statement, _ in module.imports
        for alias in statement.names
    )


def _defines(module: Module, tail: tuple[str, ...]) -> bool:
    wanted = ".".join(tail[-2:])
    for scope in module.functions.get(tail[-1], ()):
        if (
            len(tail) == 1
            or f".{scope.qualified_name}".endswith(f".{wanted}")
            or scope.parent is module.scope
        ):
            return True
    return tail[-1] in module.classes or tail[-1] in module.bound(module.scope).bindings


def _calls(module: Module, tail: tuple[str, ...]) -> bool:
    for node in module.loads.get(tail[-1], ()):
        call = module.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node and tail_of(node)[-len(tail) :] == tail:
            return True
    return False
