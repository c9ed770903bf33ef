"""The functions in which a plugin is run outside the choke point: what reaches one is governed, too."""

from __future__ import annotations

from phase12_lint.calls.access import run_accesses
from phase12_lint.calls.screen import Suspicion
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import RunAccess
from phase12_lint.values.program import Program

_RUNNING = {"called", "taken"}


def functions_that_run_plugins(program: Program) -> list[Scope]:
    """The functions, outside tests and the choke point, that call a plugin's run or hand it on."""
    return program.once(_functions)


def _functions(program: Program) -> list[Scope]:
    found: dict[Scope, None] = {}
    for module in program.once(Suspicion).modules():
        for fact in run_accesses(program, module):
            if isinstance(fact, RunAccess) and fact.use in _RUNNING and not fact.inside:
                found |= dict.fromkeys(outer for outer in fact.scope.chain() if outer.is_function)
    return list(found)
