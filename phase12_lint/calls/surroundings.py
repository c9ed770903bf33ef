"""Which files refer to the governed program: only there a call may count by its name alone.

They stand in the same top-level package or folder as a layer or the choke point, or import something out of one. What a
large code base holds beside the governed program is none of them, so that it is the same program there as alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls.layer_code import layer_classes
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.values.program import Program

_SOURCE_FOLDERS = {"src", "lib"}


class Surroundings:
    """The files around the layers and the choke point of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        choke = program.choke
        homes = {scope.module.path for scope in (*layer_classes(program), *choke.functions)}
        homes |= {module.path for module in choke.modules}
        homes = homes or set(self._importing_layers())
        self._homes = frozenset(map(_home, homes))
        self._known: dict[Module, bool] = {}

    def hold(self, module: Module) -> bool:
        """Whether ``module`` is one of the files around a layer or the choke point, or imports one."""
        if module not in self._known:
            self._known[module] = _home(module.path) in self._homes or any(
                _home(path) in self._homes for path in self._imported(module)
            )
        return self._known[module]

    def _importing_layers(self) -> Iterator[str]:
        """The files that import a layer or the choke point by its name, where all of them stand outside the program."""
        policy = self._program.policy
        for name in sorted({last_part(entry) for entry in (*policy.layers, *policy.choke_point)}):
            for module in self._program.project.modules_with(name):
                if name in module.imported:
                    yield module.path

    def _imported(self, module: Module) -> Iterator[str]:
        """The files that ``module`` imports."""
        names_of_files = self._program.project.names
        for statement, _ in module.imports:
            names = [alias.name for alias in statement.names]
            found: list[str | None] = []
            if isinstance(statement, ast.Import):
                found = [names_of_files.find(name, module.path) for name in names]
            elif statement.level:
                found = [names_of_files.relative(module.path, statement.level, statement.module or "")[0]]
            else:
                whole = [str(statement.module), *(f"{statement.module}.{name}" for name in names)]
                found = [names_of_files.find(name, module.path) for name in whole]
            yield from (path for path in found if path is not None)


def _home(path: str) -> str:
    """The folder below the root (or below ``src``) that a file stands in; of a file in the root itself the root."""
    parts = path.split("/")[:-1]
    return next((part for part in parts if part not in _SOURCE_FOLDERS), "")


def refers_to_the_governed_program(program: Program, module: Module) -> bool:
    """Whether a call in ``module`` may count by its name alone."""
    return program.once(Surroundings).hold(module)
