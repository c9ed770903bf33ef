"""The calls that do not spell a method's name: ``x()``, ``with x``, ``for each in x``, ``x[key]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls.receivers import Mention, receiver_of
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ClassRef
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

_ENTERING = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
_ITERATING = {"__iter__", "__next__", "__aiter__", "__anext__"}
IMPLICIT = {"__call__", "__getitem__", *_ENTERING, *_ITERATING}


def implicit_calls(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    """Such calls of ``target``, a special method of ``cls``, in the files that name the class."""
    for module in program.project.modules_with(cls.name):
        for node, subject in _uses(module, target.name):
            scope = module.scopes[subject]
            value = program.evaluate(subject, scope)  # of a class: ``X()`` makes an instance, ``X[T]`` a type
            objects = frozenset(atom for atom in value if not isinstance(atom, ClassRef))
            receiver = receiver_of(program, objects, cls, target)
            if receiver is not None:
                yield Mention(node, scope, None, receiver, True)


def _uses(module: Module, name: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The expressions that call a special method of that name, each with the object whose method that is."""
    for node in ast.walk(module.tree):
        if name == "__call__" and isinstance(node, ast.Call):
            yield node, node.func
        elif name == "__getitem__" and isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield node, node.value
        elif name in _ENTERING and isinstance(node, ast.withitem):
            yield node.context_expr, node.context_expr
        elif name in _ITERATING and isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            yield node.iter, node.iter
