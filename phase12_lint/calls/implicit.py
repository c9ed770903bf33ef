"""The calls that do not spell a method's name: ``x()``, ``with x``, ``for each in x``, ``x[key]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from phase12_lint.calls.receivers import Mention, is_self, receiver_of
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import NOTHING, Atom, ClassRef, Partial, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.held_names import may_hold_object
from phase12_lint.values.program import Program

_ENTERING = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
_ITERATING = {"__iter__", "__next__", "__aiter__", "__anext__"}
_BY_EXPRESSION = {"__call__", "__getitem__"}
IMPLICIT = {*_BY_EXPRESSION, *_ENTERING, *_ITERATING}


def implicit_calls(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    """Such calls of ``target``, a special method of ``cls``, in the files that name the class."""
    for module in program.project.modules_with(cls.name):
        for node, subject in _uses(program, module, target.name):
            if isinstance(subject, ast.Attribute) and not may_hold_object(program, subject.attr):
                continue
            scope = module.scopes[subject]
            value = program.evaluate(subject, scope)  # of a class: ``X()`` makes an instance, ``X[T]`` a type
            value |= program.join(map(partial(_behind_partial, program), value))
            objects = frozenset(atom for atom in value if not isinstance(atom, ClassRef))
            receiver = receiver_of(program, objects, cls, target, is_self(subject, scope))
            if receiver is not None:
                yield Mention(node, scope, None, receiver, True)


def _behind_partial(program: Program, atom: Atom) -> Value:
    """What ``functools.partial`` was given to call."""
    made = atom.site.node if isinstance(atom, Partial) else None
    if not isinstance(atom, Partial) or not isinstance(made, ast.Call) or not made.args:
        return NOTHING
    return program.evaluate(made.args[0], atom.site.scope, atom.site.frame)


def _uses(program: Program, module: Module, name: str) -> Sequence[tuple[ast.expr, ast.expr]]:
    """The expressions that call a special method of that name, each with the object whose method that is."""
    kind = name if name in _BY_EXPRESSION else "with" if name in _ENTERING else "for"
    return program.once(_Uses).of(module).get(kind, ())


class _Uses:
    """The implicit calls of each module, by kind."""

    def __init__(self, program: Program) -> None:
        self._known: dict[Module, dict[str, list[tuple[ast.expr, ast.expr]]]] = {}

    def of(self, module: Module) -> Mapping[str, Sequence[tuple[ast.expr, ast.expr]]]:
        if module not in self._known:
            found: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    found.setdefault("__call__", []).append((node, node.func))
                elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                    found.setdefault("__getitem__", []).append((node, node.value))
                elif isinstance(node, ast.withitem):
                    found.setdefault("with", []).append((node.context_expr, node.context_expr))
                elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                    found.setdefault("for", []).append((node.iter, node.iter))
            self._known[module] = found
        return self._known[module]
