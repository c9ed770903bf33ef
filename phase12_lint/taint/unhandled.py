"""Exceptions that a route lets out and nobody handles: an application answers them with status 500."""

from __future__ import annotations

import ast

from phase12_lint.calls.applications import APPLICATIONS
from phase12_lint.calls.routes import HANDLING_WORDS
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import ClassRef, External
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

STATUS = 500
_CATCHING = (*HANDLING_WORDS, "middleware", "add_middleware", "Middleware")


def is_unhandled(program: Program, raised: ast.expr, statement: ast.stmt, route: Scope) -> bool:
    """Whether ``raised`` is an exception of Python or of the program that leaves ``route`` by ``statement``.

    Only where nothing in the program could catch it: no ``try`` around, no decorator but the route's own, no exception
    handler and no middleware anywhere, and an application that is made in the program.
    """
    if len(getattr(route.node, "decorator_list", ())) != 1 or not program.once(_answers_itself):
        return False
    parents = route.module.parents
    node: ast.AST = statement
    while node is not route.node:
        node = parents[node]
        if isinstance(node, (ast.Try, ast.With, ast.AsyncWith)) or type(node).__name__ == "TryStar":
            return False
    made = raised.func if isinstance(raised, ast.Call) else raised
    value = program.evaluate(made, route)
    return bool(value) and all(_is_of_python_alone(program, atom) for atom in value)


def _answers_itself(program: Program) -> bool:
    """Whether an application is made in the program, and nothing is told what to do with exceptions."""
    with_word = program.project.texts.holding
    return any(map(with_word, sorted(APPLICATIONS))) and not any(map(with_word, _CATCHING))


def _is_of_python_alone(program: Program, atom: object) -> bool:
    """Whether ``atom`` is an exception class below those of Python, and of no library."""
    cls = atom.name if isinstance(atom, External) else atom.cls if isinstance(atom, ClassRef) else None
    line = cls.ancestors(program) if isinstance(cls, ClassInfo) else (cls,)
    above = [each for each in line if not isinstance(each, ClassInfo)]
    return bool(above) and all(isinstance(each, str) and each.startswith("builtins.") for each in above)
