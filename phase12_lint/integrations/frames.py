"""Which code of the program a recorded frame is."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from phase12_lint.calls.paths import code_of
from phase12_lint.integrations.stacks import Place
from phase12_lint.sources import is_exempt
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.program import Program

_STARTERS = {
    "create_task",
    "ensure_future",
    "gather",
    "shield",
    "start_soon",
    "wait",
    "wait_for",
    "as_completed",
}
_STARTERS |= {"run_coroutine_threadsafe", "run_until_complete"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Code(NamedTuple):
    """The functions that a frame may be of; several only where lambdas share a line, none if it is of no function.

    ``is_inner`` if the frame is of a comprehension or a class body in the function.
    """

    scopes: tuple[Scope, ...]
    is_inner: bool = False


class Frames:
    """Knows the frames of ``program``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._tables: dict[str, dict[tuple[int, str], list[Scope]]] = {}

    def is_of_test(self, path: str) -> bool:
        """Whether the file is a test, excluded from the program or not."""
        return is_exempt(path, self._program.policy.exempt)

    def is_of_program(self, path: str) -> bool:
        """Whether the file is one of the program."""
        return path in self._program.project.files and path not in self._program.project.exempt

    def code(self, place: Place) -> Code:
        """What of the program the frame at ``place`` is of."""
        module = self._program.project.module(place.path)
        if module is None:
            return Code(())
        if place.name == "<module>":
            return Code((module.scope,))
        known = self._table(module).get((place.first_line, place.name))
        if known:
            return Code(tuple(known))
        inner = (
            scope
            for node, scope in module.scopes.items()
            if isinstance(node, (*_COMPREHENSIONS, ast.ClassDef)) and node.lineno == place.first_line
        )
        return Code(tuple(dict.fromkeys(map(code_of, inner))), is_inner=True)

    def _table(self, module: Module) -> dict[tuple[int, str], list[Scope]]:
        """The functions by first line, as Python counts it (the first decorator's), and name."""
        if module.path not in self._tables:
            table: dict[tuple[int, str], list[Scope]] = defaultdict(list)
            for node, scope in module.scope_of_node.items():
                if scope.is_function and isinstance(
                    node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
                ):
                    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
                    first = min(each.lineno for each in (node, *decorators))
                    table[first, scope.name].append(scope)
            self._tables[module.path] = table
        return self._tables[module.path]

    def only_drives(self, place: Place, scope: Scope) -> bool:
        """Whether the line that runs makes nothing, so that what it awaits, starts or reads was made elsewhere."""
        nodes = scope.module.scopes.items()
        calls = [
            node
            for node, inside in nodes
            if isinstance(node, ast.Call)
            and node.lineno <= place.line <= (node.end_lineno or node.lineno)
            and code_of(inside) is scope
        ]
        return all(_makes_nothing(call) for call in calls)


def _makes_nothing(call: ast.Call) -> bool:
    """Whether it starts or reads what it is given, or waits for or keeps what another call on the line has started."""
    if isinstance(call.func, ast.Name) and call.func.id in Program.builtins:
        return True
    return any(isinstance(each, ast.Call) and last_name(each.func) in _STARTERS for each in ast.walk(call))
