"""Where plugins are run: the functions that do so outside the choke point, for what reaches one is governed, too."""

from __future__ import annotations

import ast

from phase12_lint.calls.access import run_accesses
from phase12_lint.calls.screen import Suspicion
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import RunAccess
from phase12_lint.values.program import Program

_RUNNING = {"called", "taken"}


def functions_that_run_plugins(program: Program) -> list[Scope]:
    """The functions, outside tests and the choke point, that call a plugin's run or hand it on."""
    return list(program.once(_Runs).functions)


def is_run_of_choke_point(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` calls a plugin's run in the choke point."""
    return isinstance(node, ast.Call) and node.func in program.once(_Runs).inside


class _Runs:
    def __init__(self, program: Program) -> None:
        self.functions: dict[Scope, None] = {}
        self.inside: set[ast.AST] = set()
        for module in program.once(Suspicion).modules():
            for fact in run_accesses(program, module):
                if not isinstance(fact, RunAccess) or fact.use not in _RUNNING:
                    continue
                if fact.inside:
                    self.inside.add(fact.node)
                else:
                    self.functions |= dict.fromkeys(each for each in fact.scope.chain() if each.is_function)
