"""What may read a variable, an attribute or an annotation without writing its name: texts, and code that looks at all
there are.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from phase12_lint.fixes.base import demand
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import UNKNOWN, Atom, ClassRef, Function, Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

_OF_A_SCOPE = ("locals", "vars", "dir", "eval", "exec")
_OF_ANNOTATIONS = (
    *("__annotations__", "get_type_hints", "get_annotations", "fields", "signature", "getfullargspec"),
)
_OF_AN_OBJECT = ("vars", "asdict", "astuple", "__dict__", "__getstate__", "pickle", "copyreg")


def demand_unreflected_variable(home: Scope, name: str) -> None:
    """Raises ``NoFix`` if code in ``home`` may read its variable ``name`` otherwise than by writing it."""
    module = home.module
    loads = (
        load for word in _OF_A_SCOPE for load in module.loads.get(word, ()) if isinstance(load, ast.Name)
    )
    for load in loads:
        call = module.parents[load]
        looks_at_all = load.id != "vars" or not (isinstance(call, ast.Call) and call.args)
        demand(not looks_at_all or home not in module.scopes[load].chain(), f"`{load.id}` may read `{name}`")


def demand_unreflected_attribute(program: Program, cls: ClassInfo, name: str) -> None:
    """Raises ``NoFix`` if code may read the attribute ``name`` of ``cls`` otherwise than by writing it."""
    for module in program.project.modules_with(name):
        demand(not _is_named(module, name), f"a text names `{name}`")
    for word, owner in _owners(program, _OF_AN_OBJECT):
        is_other = owner is not UNKNOWN and not (
            isinstance(owner, Instance) and program.related(owner.cls, cls)
        )
        demand(is_other, f"`{word}` may read `{name}`")


def demand_unreflected_annotations(program: Program, nodes: Collection[ast.AST | None]) -> None:
    """Raises ``NoFix`` if code may read the annotations in the functions and classes ``nodes``."""
    for word, owner in _owners(program, _OF_ANNOTATIONS):
        cls = owner.cls if isinstance(owner, (ClassRef, Instance)) else None
        scopes = [owner.scope] if isinstance(owner, Function) else []
        if isinstance(cls, ClassInfo):
            scopes = [each.scope for each in cls.ancestors(program) if isinstance(each, ClassInfo)]
        is_other = owner is not UNKNOWN and not any(each.node in nodes for each in scopes)
        demand(is_other, f"`{word}` may read the annotation")


def _owners(program: Program, words: tuple[str, ...]) -> Iterator[tuple[str, Atom]]:
    """What is looked at through one of ``words``, anywhere in the program, each with the word."""
    for word in words:
        for module in program.project.modules_with(word):
            for load in module.loads.get(word, ()):
                for owner in _looked_at(program, load, module.parents[load], module.scopes[load]):
                    yield word, owner


def _looked_at(program: Program, load: ast.expr, call: ast.AST | None, scope: Scope) -> Value:
    """Whose attributes are read all, in ``load`` or in what it calls."""
    if isinstance(load, ast.Attribute) and load.attr.startswith("__"):
        return program.evaluate(load.value, scope)
    if isinstance(call, ast.Call) and call.func is load and call.args:
        return program.evaluate(call.args[0], scope)
    return frozenset()


def _is_named(module: Module, name: str) -> bool:
    """Whether a text is ``name``, or names it as an attribute: ``getattr(job, "started")``, ``"{0.started}"``."""
    texts = (each.value for each in ast.walk(module.tree) if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and (text == name or f".{name}" in text) for text in texts)
