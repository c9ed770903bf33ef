"""Dicts that calls make: ``dict(a=1)``, those of a ``TypedDict``, and what ``asdict`` and the like make of objects."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from phase12_lint.calls.outcomes import Leaf
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Atom, ClassRef, External
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

_OF_ITSELF = {"model_dump", "dict", "_asdict"}
_TYPED = "TypedDict"
_OTHERWISE = {"computed_field", "model_serializer", "exclude", "serialization_alias"}


@dataclass(frozen=True, slots=True)
class Display:
    """A dict as written: its known keys with their values, and whether it may have others."""

    values: dict[str, list[Leaf]]
    is_open: bool


def dict_made_by(program: Program, leaf: Leaf) -> Display | None:
    """The dict that the call ``leaf`` makes; None where its keys are not known, or others may be put in later."""
    call, scope, frame, _ = leaf
    if not isinstance(call, ast.Call) or _is_kept(leaf):
        return None
    callee = program.evaluate(call.func, scope, frame)
    if len(callee) == 1 and all(_makes_dict(program, each) for each in callee):
        named = {each.arg: [Leaf(each.value, scope, frame)] for each in call.keywords if each.arg is not None}
        return Display(named, bool(call.args) or len(named) < len(call.keywords))
    if External("dataclasses.asdict") in callee and len(call.args) == 1 and not call.keywords:
        return _of_object(program, call.args[0], leaf)
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in _OF_ITSELF and not (call.args or call.keywords):
        return _of_object(program, func.value, leaf)
    return None


def is_written_out(node: ast.AST, program: Program, scope: Scope) -> TypeGuard[ast.Dict | ast.Call]:
    """Whether ``node`` writes a dict out: a display, or a call of ``dict`` or of a ``TypedDict`` with keywords."""
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Dict)
    if node.args or not node.keywords:
        return False
    callee = program.evaluate(node.func, scope)
    return len(callee) == 1 and all(_makes_dict(program, each) for each in callee)


def written_in(node: ast.Dict | ast.Call) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """The keys, None for what is spread, and the values of a dict that is written out."""
    if isinstance(node, ast.Dict):
        yield from zip(node.keys, node.values)
    else:
        yield from ((ast.Constant(each.arg) if each.arg else None, each.value) for each in node.keywords)


def _of_object(program: Program, node: ast.expr, leaf: Leaf) -> Display | None:
    """The fields of the object ``node``, if they are those of one class, which does not leave out or add any."""
    classes = {getattr(each, "cls", None) for each in program.evaluate(node, leaf.scope, leaf.frame)}
    cls = classes.pop() if len(classes) == 1 else None
    fields = cls.fields(program) if isinstance(cls, ClassInfo) else None
    if fields is None or not isinstance(cls, ClassInfo):
        return None
    lines = [each for each in cls.ancestors(program) if isinstance(each, ClassInfo)]
    if program.subclasses(cls) or any(map(_is_written_otherwise, lines)):
        return None
    return Display({name: [] for name in fields}, False)


def _is_written_otherwise(cls: ClassInfo) -> bool:
    """Whether a word in ``cls`` says that what is made of an object are not just its fields."""
    words = (getattr(each, "id", None) or getattr(each, "arg", None) for each in ast.walk(cls.node))
    return any(cls.method(name) is not None for name in _OF_ITSELF) or not _OTHERWISE.isdisjoint(words)


def _makes_dict(program: Program, atom: Atom) -> bool:
    """Whether ``atom`` is ``dict``, or a ``TypedDict``."""
    if atom == External("builtins.dict"):
        return True
    if not isinstance(atom, ClassRef) or not isinstance(atom.cls, ClassInfo):
        return False
    line = atom.cls.ancestors(program)
    return any(isinstance(each, str) and each.rpartition(".")[2] == _TYPED for each in line)


def _is_kept(leaf: Leaf) -> bool:
    """Whether what the call makes is kept and may be filled: in an attribute, in a variable that is read twice."""
    module = leaf.scope.module
    parent = module.parents.get(leaf.node)
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    if any(isinstance(each, (ast.Attribute, ast.Subscript)) for each in targets):
        return True
    names = [each.id for each in targets if isinstance(each, ast.Name)]
    loads = [load for name in names for load in module.loads.get(name, ())]
    return len([load for load in loads if leaf.scope in module.scopes[load].chain()]) > 1
