"""What this program calls the functions that the policy names: validators, envelope builder, metrics update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from phase12_lint.calls.policy_calls import is_one_of
from phase12_lint.calls.surroundings import refers_to_the_governed_program
from phase12_lint.policy import last_part, spelled
from phase12_lint.syntax.modules import Module
from phase12_lint.values.program import Program


class PolicyFunctions:
    """The names of one program's functions, by the key of the policy that names them."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._names: dict[str, str] = {}

    def entries(self, key: str) -> tuple[str, ...]:
        """What the policy writes under ``key``."""
        return self._program.policy.under(key)

    def name(self, key: str) -> str:
        """The function that ``key`` names: the one of the governed files with the shortest name; empty if none is."""
        if key not in self._names:
            found = min(self._found(self.entries(key)), default=(False, 0, 0, ""))
            self._names[key] = found[-1]
        return self._names[key]

    def _found(self, entries: tuple[str, ...]) -> Iterator[tuple[bool, int, int, str]]:
        """Each name, behind what says how good it is: where it stands, whether it is defined, imported or only used."""
        words = re.compile(rf"\b{spelled(map(last_part, entries))}\b".encode())
        for module in self._program.project.modules_matching(words):
            is_far = not refers_to_the_governed_program(self._program, module)
            for kind, name in _names_in(module, entries):
                yield is_far, kind, len(name), name


def _names_in(module: Module, entries: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for name, scopes in module.functions.items():
        if any(is_one_of(scope, entries) for scope in scopes):
            yield 0, name
    for kind, names in enumerate((list(module.imported), list(module.loads)), 1):
        for name in names:
            if any(fnmatchcase(name, last_part(entry)) for entry in entries):
                yield kind, name
