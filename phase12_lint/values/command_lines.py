"""Command lines: what ``parser.set_defaults(func=work)`` puts under ``func`` is ``args.func`` of what is parsed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import NOTHING, Atom, Instance, Value
from phase12_lint.values.loads import Place

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

PARSED = "argparse.Namespace"
_SETTING = "set_defaults"


def stored(program: Program, atom: Atom, name: str) -> Value:
    """What the program sets as the attribute ``name`` of all that is parsed, if ``atom`` is that."""
    if not isinstance(atom, Instance) or atom.cls != PARSED:
        return NOTHING
    return program.join(
        program.evaluate(keyword.value, scope)
        for call, scope in program.once(_settings)
        for keyword in call.keywords
        if keyword.arg == name
    )


def _settings(program: Program) -> list[tuple[ast.Call, Scope]]:
    """The calls that set attributes of all that is parsed."""
    found: list[tuple[ast.Call, Scope]] = []
    for module in program.project.modules_with(_SETTING):
        for load in module.loads.get(_SETTING, ()):
            call = module.parents.get(load)
            if isinstance(call, ast.Call) and call.func is load:
                found.append((call, module.scopes[call]))
    return found


def reads(program: Program, parent: ast.AST | None, place: Place) -> Iterator[Place]:
    """Where what is set at ``place`` is read."""
    module = place.scope.module
    call = module.parents.get(parent) if isinstance(parent, ast.keyword) else None
    if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != _SETTING:
        return
    name = getattr(parent, "arg", None) or ""
    for reader in program.project.modules_reading(name):
        for load in reader.loads.get(name, ()):
            scope = reader.scopes[load]
            if isinstance(load, ast.Attribute) and any(
                isinstance(atom, Instance) and atom.cls == PARSED
                for atom in program.evaluate(load.value, scope)
            ):
                yield Place(load, scope, place.wrapped)
